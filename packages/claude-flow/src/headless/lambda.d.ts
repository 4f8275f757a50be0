/** What API Gateway hands over: payload 1.0 (REST) or 2.0 (HTTP), as it comes. */
export type LambdaEvent = object;

/** What API Gateway turns into an HTTP answer. */
export interface LambdaAnswer {
  statusCode: number;
  headers?: Record<string, string>;
  multiValueHeaders?: Record<string, string[]>;
  cookies?: string[];
  body: string;
  isBase64Encoded: boolean;
}

/**
 * The API as an AWS Lambda function, configured by its environment variables (`REDIS_URL` at least).
 * @throws when it cannot start; the next invocation tries again
 */
export declare function handler(event: LambdaEvent, context?: object): Promise<LambdaAnswer>;
