import { type BrowserContext, type ConsoleMessage, expect, type Page } from '@playwright/test';
import { withWasm } from './pages';

const guards = new WeakMap<BrowserContext, ConsoleGuard>();

/**
 * Collects what a person would see as red or yellow lines in the developer tools: errors, warnings
 * (hydration warns there), violations of the content security policy, and uncaught exceptions.
 */
export class ConsoleGuard {
  private readonly found: string[] = [];
  private readonly allowed: RegExp[] = [];

  constructor(context: BrowserContext) {
    guards.set(context, this);
    context.on('console', (message) => {
      if (['error', 'warning', 'assert'].includes(message.type()) && !isRefusal(message) && !isUnusedPreload(message)) {
        this.found.push(`${message.type()} on ${message.page()?.url() ?? 'a page'}: ${message.text()}`);
      }
    });
    context.on('weberror', (error) => {
      this.found.push(`exception on ${error.page()?.url() ?? 'a page'}: ${error.error().message}`);
    });
  }

  allow(pattern: RegExp): void {
    this.allowed.push(pattern);
  }

  /** Fails when there was anything that the test did not announce. */
  verify(): void {
    const unexpected = this.found.filter((line) => !this.allowed.some((pattern) => pattern.test(line)));
    expect(unexpected, 'messages in the browser console').toEqual([]);
  }
}

/**
 * A server function that refuses answers with the status that says so, and the browser notes every
 * such answer in the console: that is how a refused form looks, not a fault. A 500 is one.
 */
function isRefusal(message: ConsoleMessage): boolean {
  const address = message.location().url;
  return (
    URL.canParse(address) &&
    new URL(address).pathname.startsWith('/fn/') &&
    /^Failed to load resource: .* status of (401|403|404|409|410|422|429)\b/.test(message.text())
  );
}

/** Without JavaScript nothing uses the WebAssembly that the page had loaded ahead: the browser says so. */
function isUnusedPreload(message: ConsoleMessage): boolean {
  return !withWasm() && message.text().includes('was preloaded using link preload but not used');
}

/**
 * Announces a message in the console that belongs to the test, for example the browser's own
 * `Failed to load resource` for a page that answers 404.
 */
export function allowConsole(page: Page, pattern: RegExp): void {
  guards.get(page.context())?.allow(pattern);
}
