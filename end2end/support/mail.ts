/** A message or text message as `/dev/mail.json` shows it. */
export interface Message {
  id: string;
  to: string;
  subject: string;
  text: string;
  html: string;
  sent_at: string;
  channel: string;
}

/** What the folder transports captured. */
export class Mail {
  constructor(private readonly origin: string) {}

  /** All messages, as the server lists them. */
  async all(): Promise<Message[]> {
    const response = await fetch(`${this.origin}/dev/mail.json`);
    if (!response.ok) {
      throw new Error(`/dev/mail.json answered ${response.status}`);
    }
    return (await response.json()) as Message[];
  }

  /** All messages to an address or a telephone number, oldest first. */
  async to(address: string): Promise<Message[]> {
    const messages = (await this.all()).filter((message) => message.to.toLowerCase().includes(address.toLowerCase()));
    return messages.sort((a, b) => a.sent_at.localeCompare(b.sent_at) || a.id.localeCompare(b.id));
  }

  /**
   * The newest message to an address, waited for.
   * With `about`, only messages whose subject or text contains it count; with `after`, only messages
   * that are not in that earlier list.
   */
  async latest(address: string, options: { about?: string | RegExp; after?: Message[] } = {}): Promise<Message> {
    const old = new Set((options.after ?? []).map((message) => message.id));
    const patience = Date.now() + 15_000;
    for (;;) {
      const found = (await this.to(address)).filter(
        (message) => !old.has(message.id) && isAbout(message, options.about),
      );
      const newest = found.at(-1);
      if (newest) {
        return newest;
      }
      if (Date.now() > patience) {
        const seen = (await this.all()).map((message) => `${message.to}: ${message.subject}`);
        throw new Error(`No message to ${address} about ${options.about ?? 'anything'}. There are:\n${seen.join('\n')}`);
      }
      await new Promise((done) => setTimeout(done, 100));
    }
  }
}

/** The addresses in a message's text, in order. */
export function links(message: Message): string[] {
  return message.text.match(/https?:\/\/[^\s<>"')]+/g) ?? [];
}

/** The first address in a message's text; fails without one. */
export function link(message: Message): string {
  const [first] = links(message);
  if (!first) {
    throw new Error(`No link in “${message.subject}”:\n${message.text}`);
  }
  return first;
}

/** The code of 6 digits in a message; fails without one. */
export function code(message: Message): string {
  const found = /(?<!\d)\d{6}(?!\d)/.exec(`${message.text}\n${message.subject}`);
  if (!found) {
    throw new Error(`No code in “${message.subject}”:\n${message.text}`);
  }
  return found[0];
}

function isAbout(message: Message, about: string | RegExp | undefined): boolean {
  if (about === undefined) {
    return true;
  }
  const text = `${message.subject}\n${message.text}`;
  return typeof about === 'string' ? text.includes(about) : about.test(text);
}
