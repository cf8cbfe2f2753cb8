import { type BrowserContext, type Page, test as base } from '@playwright/test';
import { ConsoleGuard } from './console';
import { Mail } from './mail';
import { hydrated } from './pages';
import { DEMO, type Person, signIn } from './people';
import { Server } from './server';

export { expect, type Page } from '@playwright/test';
export { expectAccessible } from './axe';
export { allowConsole } from './console';
export { invite, type Invitation, startInviting } from './inviting';
export { code, link, links, type Mail, type Message } from './mail';
export { expectToFit, hydrated, look, shot, sideways, withWasm } from './pages';
export {
  DEMO,
  givePassword,
  go,
  type Method,
  newestCode,
  newPerson,
  proveAgain,
  type Person,
  register,
  registerAdministrator,
  registerContributor,
  sent,
  signIn,
} from './people';
export { totp } from './totp';

/** The running Lanyard of this worker. Tests of one worker share it: each makes its own organisation. */
export interface App {
  /** For example `http://127.0.0.1:41234`. */
  origin: string;
  server: Server;
  /** Opens a path or a full address and waits until the page is ready for use. */
  open(page: Page, path: string): Promise<void>;
  /** Runs a `lanyard` command on the same data: `run('organisation', 'create', ...)`. */
  run(...words: string[]): Promise<string>;
  /** A code for an organisation that no other test uses. */
  newCode(): string;
}

interface Fixtures {
  app: App;
  mail: Mail;
  /** The page of another person: other cookies, the same rules. */
  visitor: () => Promise<Page>;
  /** A page on which somebody of the demo is signed in. Whoever signs out there is out everywhere. */
  as: (person: Person) => Promise<Page>;
  /** Opens a page with what a browser keeps. */
  people: (storageState?: StorageState) => Promise<Page>;
}

interface WorkerFixtures {
  server: Server;
  /** What browsers keep of people who have signed in, by their addresses. */
  signedIn: Map<string, StorageState>;
}

type StorageState = Awaited<ReturnType<BrowserContext['storageState']>>;

let codes = 0;

export const test = base.extend<Fixtures, WorkerFixtures>({
  server: [
    async ({}, use, worker) => {
      const server = await Server.start(`${worker.project.name}-${worker.workerIndex}`);
      await use(server);
      await server.close();
    },
    { scope: 'worker', timeout: 60_000 },
  ],

  signedIn: [async ({}, use) => use(new Map()), { scope: 'worker' }],

  baseURL: async ({ server }, use) => use(server.origin),

  app: async ({ server }, use, info) => {
    await use({
      origin: server.origin,
      server,
      open: async (page, path) => {
        await page.goto(new URL(path, server.origin).href);
        await hydrated(page);
      },
      run: (...words) => server.run(...words),
      newCode: () => {
        codes += 1;
        return `T${info.workerIndex}X${codes}`;
      },
    });
  },

  mail: async ({ server }, use) => use(new Mail(server.origin)),

  context: async ({ context }, use) => {
    const guard = new ConsoleGuard(context);
    await use(context);
    guard.verify();
  },

  as: async ({ app, mail, signedIn, people }, use) => {
    await use(async (person) => {
      const state = signedIn.get(person.email);
      const page = await people(state);
      if (!state) {
        await signIn(app, page, mail, person);
        signedIn.set(person.email, await page.context().storageState());
      }
      return page;
    });
  },

  visitor: async ({ people }, use) => use(() => people()),

  people: async ({ browser, server }, use) => {
    const opened: { context: BrowserContext; guard: ConsoleGuard }[] = [];
    await use(async (storageState) => {
      const context = await browser.newContext({ baseURL: server.origin, storageState });
      opened.push({ context, guard: new ConsoleGuard(context) });
      return context.newPage();
    });
    for (const { context } of opened) {
      await context.close();
    }
    for (const { guard } of opened) {
      guard.verify();
    }
  },
});
