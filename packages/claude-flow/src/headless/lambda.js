// Only in the installed package: the handler for AWS Lambda (`handler: node_modules/claude-flow/src/headless/lambda.handler`).
export { handler } from '../../dist/lambda.js';
