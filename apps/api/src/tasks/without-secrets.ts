const HIDDEN = '[secret]';

/**
 * Forms in which keys are written: the provider's, our own, webhook secrets, web tokens, cloud and repository keys, passwords in
 * addresses, private keys. An agent may have come across one in a file or an answer; whoever looks over its shoulder need not.
 */
const FORMS: readonly RegExp[] = [
  /\bsk-[A-Za-z0-9_-]{16,}/g,
  /\bcf_[0-9a-f]{32,}\b/g,
  /\bwhsec_[A-Za-z0-9+/=]{16,}/g,
  /\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*/g,
  /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g,
  /\bgh[pousr]_[A-Za-z0-9]{20,}\b/g,
  /\bgithub_pat_[A-Za-z0-9_]{20,}\b/g,
  /\bxox[abprs]-[A-Za-z0-9-]{10,}/g,
  /-----BEGIN [A-Z ]*PRIVATE KEY-----(?:(?!-----)[\s\S])*(?:-----END [A-Z ]*PRIVATE KEY-----)?/g,
];
const PASSWORD_IN_ADDRESS = /\b([a-z][a-z0-9+.-]{1,20}:\/\/[^\s:/@"']{0,100}:)[^\s/@"']{1,200}@/gi;

/** @returns the text with `[secret]` in the place of what looks like a key */
export function withoutSecrets(text: string): string {
  const hidden = FORMS.reduce((left, form) => left.replace(form, HIDDEN), text);
  return hidden.replace(PASSWORD_IN_ADDRESS, `$1${HIDDEN}@`);
}
