export interface ServerEvent {
  event: string;
  id: string | null;
  data: string;
}

/**
 * Takes server-sent events out of a text that comes in pieces. The browser's own EventSource cannot send an API key.
 */
export class EventParser {
  private rest = '';
  private event = '';
  private id: string | null = null;
  private data: string[] = [];

  feed(text: string): ServerEvent[] {
    const found: ServerEvent[] = [];
    const lines = (this.rest + text).split(/\r\n|\n|\r(?!$)/);
    this.rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line === '') {
        if (this.data.length > 0)
          found.push({ event: this.event || 'message', id: this.id, data: this.data.join('\n') });
        this.event = '';
        this.data = [];
        continue;
      }
      const colon = line.indexOf(':');
      if (colon === 0) continue;
      const field = colon < 0 ? line : line.slice(0, colon);
      const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
      if (field === 'event') this.event = value;
      else if (field === 'id') this.id = value;
      else if (field === 'data') this.data.push(value);
    }
    return found;
  }
}
