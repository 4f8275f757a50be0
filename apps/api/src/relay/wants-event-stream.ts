/** Whether a request asks for an event stream: an EventSource always does, and other clients say so in the same way. */
export function wantsEventStream(request: { header(name: string): string | undefined }): boolean {
  return (request.header('accept') ?? '').includes('text/event-stream');
}
