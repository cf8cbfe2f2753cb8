import { type BrowserContext, expect, type Page } from '@playwright/test';

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
      if (['error', 'warning', 'assert'].includes(message.type())) {
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
 * Announces a message in the console that belongs to the test, for example the browser's own
 * `Failed to load resource` for a page that answers 404.
 */
export function allowConsole(page: Page, pattern: RegExp): void {
  guards.get(page.context())?.allow(pattern);
}
