import { expect, type Page } from '@playwright/test';
import type { App } from './index';
import { go } from './people';

/** Whom to invite to what. Without more, as a contributor of the whole organisation. */
export interface Invitation {
  /** What is pasted. */
  emails: string;
  role?: string;
  /** Names of areas as they are read out. */
  areas?: string[];
  message?: string;
}

/** Opens the box for many addresses. */
export async function startInviting(app: App, page: Page, slug: string): Promise<void> {
  await app.open(page, `/o/${slug}/users/add`);
  await page.getByLabel('Several people at once').check();
  await go(page, 'Continue', 'Who do you want to invite?');
}

/** The whole journey, for a list that has no problems; ends on the page of results. */
export async function invite(app: App, page: Page, slug: string, invitation: Invitation): Promise<void> {
  await startInviting(app, page, slug);
  await page.locator('textarea[name=emails]').fill(invitation.emails);
  await go(page, 'Continue', 'What role will they have?');
  await page.getByLabel(invitation.role ?? 'Contributor', { exact: true }).check();
  await go(page, 'Continue', /Where do they need access|Do you want to add a message/);
  // An organisation without areas has no such question.
  if ((await page.locator('input[name="areas[]"]').count()) > 0) {
    for (const area of invitation.areas ?? [/^All of /]) {
      await page.getByLabel(area, { exact: true }).check();
    }
    await go(page, 'Continue', 'Do you want to add a message');
  }
  await page.locator('textarea[name=message]').fill(invitation.message ?? '');
  await go(page, 'Continue', 'Check and send');
  await page.getByRole('button', { name: /^Send / }).click();
  await expect(page).toHaveURL(/\/jobs\//);
  await expect(page.locator('h1')).toContainText(/invitations? sent/);
}
