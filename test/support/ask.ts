import { createSocket } from 'node:dgram';
import { connect } from 'node:net';

export interface Question {
  readonly over: 'tcp' | 'udp';
  readonly text: string;
}

const ANSWER_MS = 1000;

/** The first answer of a server on this machine; empty when there is none within a second. */
export function ask(port: number, { over, text }: Question): Promise<string> {
  return new Promise((resolve) => {
    const end = (answer: Buffer | string) => {
      clearTimeout(timer);
      close();
      resolve(String(answer));
    };
    const timer = setTimeout(() => end(''), ANSWER_MS);
    const close = over === 'tcp' ? askByTcp(port, text, end) : askByUdp(port, text, end);
  });
}

type End = (answer: Buffer | string) => void;

function askByTcp(port: number, text: string, end: End): () => void {
  const socket = connect(port, '127.0.0.1', () => socket.write(text));
  socket.once('data', end).once('error', () => end(''));
  return () => socket.destroy();
}

function askByUdp(port: number, text: string, end: End): () => void {
  const socket = createSocket('udp4');
  socket.once('message', end).once('error', () => end(''));
  socket.connect(port, '127.0.0.1', () => socket.send(text));
  return () => socket.close();
}
