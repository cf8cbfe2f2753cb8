import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { createWriteStream, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const root = resolve(__dirname, '../..');

/** A Lanyard of one worker: its own data folder, port, mailbox and log. */
export class Server {
  readonly origin: string;
  readonly data: string;
  private readonly environment: NodeJS.ProcessEnv;
  private readonly log: string;
  private process: ChildProcess | undefined;

  private constructor(port: number, log: string) {
    this.origin = `http://127.0.0.1:${port}`;
    this.data = mkdtempSync(join(tmpdir(), 'lanyard-end2end-'));
    this.log = log;
    this.environment = {
      PATH: process.env.PATH,
      HOME: this.data,
      RUST_BACKTRACE: '1',
      LANYARD_ADDR: `127.0.0.1:${port}`,
      LANYARD_PUBLIC_ORIGIN: this.origin,
      LANYARD_DATA_DIR: this.data,
      LANYARD_MAIL: `folder:${join(this.data, 'mail')}`,
      LANYARD_SMS: `folder:${join(this.data, 'sms')}`,
      LANYARD_SITE_DIR: process.env.LANYARD_SITE_DIR ?? join(root, 'target/site'),
    };
  }

  /** Starts a server with the organisations of the demo, or with nothing, and waits until it answers. */
  static async start(name: string, content: 'demo' | 'empty' = 'demo'): Promise<Server> {
    const folder = resolve(__dirname, '../artefacts');
    mkdirSync(folder, { recursive: true });
    const server = new Server(await freePort(), join(folder, `server-${name}.log`));
    rmSync(server.log, { force: true });
    if (content === 'demo') {
      await server.run('demo');
    }
    await server.launch();
    return server;
  }

  /** Ends the server and starts it again on the same data. With `kill` it has no time to finish. */
  async restart(how: 'stop' | 'kill' = 'stop'): Promise<void> {
    await this.end(how === 'kill' ? 'SIGKILL' : 'SIGTERM');
    await this.launch();
  }

  /** Ends the server, removes its data, and fails when it panicked. */
  async close(): Promise<void> {
    await this.end('SIGTERM');
    rmSync(this.data, { recursive: true, force: true });
    const panic = this.output().split('\n').find((line) => line.includes('panicked at'));
    if (panic) {
      throw new Error(`The server panicked: ${panic}\nSee ${this.log}`);
    }
  }

  /** Runs another command of `lanyard` on the same data, and returns what it printed. */
  async run(...words: string[]): Promise<string> {
    const options = { env: this.environment, cwd: this.data, timeout: 30_000 };
    try {
      const { stdout } = await promisify(execFile)(binary(), words, options);
      return stdout;
    } catch (error) {
      const { stderr, stdout } = error as { stderr?: string; stdout?: string };
      throw new Error(`lanyard ${words.join(' ')} failed: ${error}\n${stdout ?? ''}${stderr ?? ''}`);
    }
  }

  /**
   * Changes what the server knows, behind its back: the only way to let days pass.
   * Words of the statement that start with a colon are taken from `values`.
   */
  change(statement: string, values: Record<string, string> = {}): void {
    const words = Object.entries(values).map(([name, value]) => `.parameter set :${name} "'${value.replaceAll("'", "''")}'"`);
    const script = ['.timeout 5000', '.parameter init', ...words, `${statement};`].join('\n');
    execFileSync('sqlite3', ['-bail', join(this.data, 'lanyard.db')], { input: script });
  }

  /** What the server has printed so far. */
  output(): string {
    return existsSync(this.log) ? readFileSync(this.log, 'utf8') : '';
  }

  private async launch(): Promise<void> {
    const log = createWriteStream(this.log, { flags: 'a' });
    await new Promise((done) => log.once('open', done));
    const child = spawn(binary(), ['serve'], {
      env: this.environment,
      cwd: this.data,
      stdio: ['ignore', log, log],
    });
    this.process = child;
    let failure: string | undefined;
    child.once('error', (error) => (failure = String(error)));
    child.once('exit', (code, signal) => (failure = `ended with ${code ?? signal}`));
    const patience = Date.now() + 30_000;
    while (Date.now() < patience && failure === undefined) {
      if (await answers(`${this.origin}/health`)) {
        return;
      }
      await new Promise((done) => setTimeout(done, 50));
    }
    child.kill('SIGKILL');
    throw new Error(`The server did not start: ${failure ?? 'no answer in 30 seconds'}\n${this.output()}`);
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    const child = this.process;
    this.process = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) {
      return;
    }
    const ended = new Promise((done) => child.once('exit', done));
    child.kill(signal);
    const patience = setTimeout(() => child.kill('SIGKILL'), 10_000);
    await ended;
    clearTimeout(patience);
  }
}

function binary(): string {
  const file = process.env.LANYARD_BIN ?? join(root, 'target/debug/lanyard');
  if (!existsSync(file)) {
    throw new Error(`${file} is missing: run cargo xtask test e2e`);
  }
  return file;
}

async function answers(address: string): Promise<boolean> {
  try {
    return (await fetch(address)).ok;
  } catch {
    return false;
  }
}

/** A port that nobody listens on now. */
function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const probe = createServer();
    probe.once('error', fail);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      const port = typeof address === 'object' && address ? address.port : 0;
      probe.close(() => done(port));
    });
  });
}
