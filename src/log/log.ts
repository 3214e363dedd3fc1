import type { Message } from './messages.ts';

/** Takes the messages about one service, or about none in particular. */
export interface Log {
  /** whether debug messages are logged */
  readonly isVerbose: boolean;
  readonly say: (message: Message) => void;
  /** resolves when all that was said is written: syslog takes a moment */
  readonly written: () => Promise<unknown>;
  /** opens the backend, for all services; once only */
  readonly open: (make: () => Write) => void;
}

/** A message, and the name of the service that it is about. */
export interface Entry {
  readonly service: string | undefined;
  readonly message: Message;
}

/** Writes to a backend. */
export interface Write {
  (entry: Entry): void;
  /** absent: an entry is written at once */
  readonly written?: () => Promise<unknown>;
}

/** Keeps messages until its backend is opened: a healthy check has none, and does not load one. */
export class Journal {
  readonly #waiting: Entry[] = [];
  #write: Write | undefined;

  constructor(private readonly isVerbose: boolean) {}

  get isWaiting(): boolean {
    return this.#waiting.length > 0;
  }

  readonly open = (make: () => Write): void => {
    const write = this.#write ?? make();
    this.#write = write;
    for (const entry of this.#waiting.splice(0)) write(entry);
  };

  readonly written = async () => this.#write?.written?.();

  about(service?: string): Log {
    const say = (message: Message) => {
      if (message.level === 'debug' && !this.isVerbose) return;
      if (this.#write === undefined) this.#waiting.push({ service, message });
      else this.#write({ service, message });
    };
    return { isVerbose: this.isVerbose, say, written: this.written, open: this.open };
  }
}
