import { type App, DEMO, expect, hydrated, look, type Page, proveAgain, sideways, test, withWasm } from '../support';

const summary = '.nhsuk-error-summary';

/** The users list, with these names selected. */
async function select(app: App, page: Page, query: string, names: string[]) {
  await app.open(page, `/o/rx2/users${query}`);
  for (const name of names) {
    await page.getByLabel(`Select ${name}`, { exact: true }).check();
  }
}

/** Presses a button of the bar above the list. */
async function press(page: Page, name: string) {
  const button = page.locator('.app-bulk-bar').first().getByRole('button', { name, exact: true });
  if (!(await button.isVisible())) {
    await page.locator('.app-bulk-bar').first().getByText('More actions').click();
  }
  await button.click();
}

async function at(page: Page, heading: string | RegExp) {
  await expect(page.locator('h1')).toHaveText(heading);
  await hydrated(page);
}

test('T-USR-06, T-DEA-01: several users are deactivated, and all of that is undone', async ({ app, as, mail }) => {
  const page = await as(DEMO.margaret);
  await proveAgain(app, page, mail, DEMO.margaret);
  await app.open(page, '/o/rx2/users');
  await look(page, 'bulk-list');
  await press(page, 'Deactivate');
  await expect(page.locator(summary)).toContainText('Select at least 1 user');
  await expect(page).toHaveTitle(/^Error: Users/);
  await hydrated(page);
  await look(page, 'bulk-none');
  const names = ['Emilia Stone', 'Emily Stone'];
  await select(app, page, '?q=stone', names);
  await press(page, 'Deactivate');
  await at(page, /Why are you deactivating these accounts\?$/);
  await look(page, 'bulk-reason');
  await page.getByRole('button', { name: 'Continue' }).click();
  await expect(page.locator(summary)).toContainText('Select why you are deactivating this account');
  await hydrated(page);
  await look(page, 'bulk-reason-error');
  await page.getByLabel('Another reason').check();
  await page.getByRole('button', { name: 'Continue' }).click();
  await expect(page.locator(summary)).toContainText('Enter why you are deactivating this account');
  await hydrated(page);
  await page.getByLabel('Left the organisation').check();
  await page.getByRole('button', { name: 'Continue' }).click();
  await at(page, /Check and deactivate 2 users$/);
  await look(page, 'bulk-check');
  // Answers survive Back and reload.
  await page.getByRole('link', { name: 'Change reason' }).click();
  await at(page, /Why are you deactivating/);
  await expect(page.getByLabel('Left the organisation')).toBeChecked();
  await page.getByRole('button', { name: 'Continue' }).click();
  await at(page, /Check and deactivate 2 users$/);
  await page.getByRole('button', { name: 'Remove Emily Stone' }).click();
  await at(page, /Check and deactivate 1 user$/);
  await expect(page.locator('main')).toContainText('1 of the 2 will not be changed because you left them out');
  await look(page, 'bulk-left-out');
  await page.getByRole('button', { name: 'Put back Emily Stone' }).click();
  await at(page, /Check and deactivate 2 users$/);
  await page.getByRole('button', { name: 'Deactivate 2 users' }).click();
  await at(page, '2 users deactivated');
  await look(page, 'bulk-result');
  const result = page.url();
  await app.open(page, '/o/rx2/users?q=stone&status=inactive');
  await expect(page.locator('tbody th a')).toHaveText(names);
  // Activity says what it was, and leads to the way back.
  await app.open(page, '/o/rx2/activity');
  await expect(page.locator('main')).toContainText('You can undo all of it on its page until');
  await look(page, 'bulk-activity');
  await page.getByRole('link', { name: 'Deactivated 2 users' }).first().click();
  await at(page, '2 users deactivated');
  expect(page.url()).toBe(result);
  await page.getByRole('button', { name: 'Undo all 2' }).click();
  await at(page, '2 changes undone');
  await look(page, 'bulk-undone');
  await app.open(page, '/o/rx2/users?q=stone&status=inactive');
  await expect(page.locator('main')).toContainText('No users match');
  // A quick undo sends nothing.
  expect(await mail.to('emily.stone@rosebush.example')).toHaveLength(0);
  await app.open(page, '/o/rx2/jobs');
  await expect(page.locator('tbody')).toContainText('Undo: deactivate 2 users');
  await look(page, 'bulk-jobs');
});

test('ux 6.13: everybody who matches; whoever it does not fit is left out with the reason', async ({ app, as }) => {
  const page = await as(DEMO.margaret);
  await app.open(page, '/o/rx2/users?status=active');
  const all = page.getByLabel(/^Select all .* users that match$/);
  if (withWasm()) {
    await page.getByLabel(/^Select all \d+ on this page$/).check();
    await page.getByRole('button', { name: /^Select all .* users that match$/ }).click();
    await expect(page.locator('.app-bulk-bar__count')).toHaveText(/^(\d+) of \1 users selected$/);
  } else {
    await all.check();
  }
  await press(page, 'Send invitation again');
  await at(page, /There is nothing to do$/);
  await expect(page.locator('main')).toContainText('cannot be sent an invitation because they are already active');
  await look(page, 'bulk-nothing');
});

test('ux F1: a role, areas and a last day for several users', async ({ app, as }) => {
  const page = await as(DEMO.margaret);
  await select(app, page, '?q=stone', ['Emilia Stone', 'Emily Stone']);
  await press(page, 'Set end date');
  await at(page, /What is the last day of their access\?$/);
  await page.getByRole('button', { name: 'Continue' }).click();
  await expect(page.locator(summary)).toContainText('Enter the date their access ends');
  await hydrated(page);
  await look(page, 'bulk-end-date-error');
  const year = String(new Date().getFullYear() + 1);
  await page.getByLabel('Day').fill('31');
  await page.getByLabel('Month').fill('3');
  await page.getByLabel('Year').fill(year);
  await page.getByRole('button', { name: 'Continue' }).click();
  await at(page, /Check and set an end date for 2 users$/);
  await look(page, 'bulk-end-date-check');
  await page.getByRole('button', { name: 'Set an end date for 2 users' }).click();
  await at(page, '2 end dates set');
  await page.getByRole('button', { name: 'Undo all 2' }).click();
  await at(page, '2 changes undone');

  await select(app, page, '?q=stone', ['Emilia Stone', 'Emily Stone']);
  await press(page, 'Change role');
  await at(page, /What role will they have\?$/);
  await page.getByRole('button', { name: 'Continue' }).click();
  await expect(page.locator(summary)).toContainText('Select a role');
  await hydrated(page);
  await look(page, 'bulk-role');
  // E4: a role with which others are managed is given with a reason.
  await page.getByLabel('Manager', { exact: true }).check();
  await page.getByRole('button', { name: 'Continue' }).click();
  await at(page, /Where do they need access\?$/);
  await look(page, 'bulk-areas');
  await page.getByRole('button', { name: 'Continue' }).click();
  await expect(page.locator(summary)).toContainText('Select where they need access');
  await hydrated(page);
  await page.getByLabel(/^All of Rosebush Hospital/).check();
  await page.getByRole('button', { name: 'Continue' }).click();
  await at(page, /Why do they need the role Manager\?$/);
  await page.getByRole('button', { name: 'Continue' }).click();
  await expect(page.locator(summary)).toContainText('Enter why they need this role');
  await hydrated(page);
  await look(page, 'bulk-role-reason-error');
  await page.getByLabel('Reason').fill('They lead the new clinic');
  await page.getByRole('button', { name: 'Continue' }).click();
  await at(page, /Check and change the role of 2 users$/);
  await expect(page.locator('main')).toContainText('They lead the new clinic');
  await look(page, 'bulk-role-check');
  await page.getByRole('button', { name: 'Change the role of 2 users' }).click();
  await at(page, '2 roles changed');
  await page.getByRole('button', { name: 'Undo all 2' }).click();
  await at(page, '2 changes undone');
});

test('ux F1, C18: invitations of several users are sent again and cancelled; accounts come back', async ({ app, as }) => {
  const page = await as(DEMO.margaret);
  await select(app, page, '?status=pending', ['Carys Jenkins', 'Edith Lockwood']);
  await press(page, 'Send invitation again');
  await at(page, /Check and send 2 invitations again$/);
  await look(page, 'bulk-resend-check');
  await page.getByRole('button', { name: 'Send 2 invitations again' }).click();
  await at(page, '2 invitations sent again');
  await select(app, page, '?status=expired', ['Gemma Pike', 'Hiroshi Tanaka']);
  await press(page, 'Cancel invitation');
  await at(page, /Check and cancel 2 invitations$/);
  await look(page, 'bulk-cancel-check');
  await page.getByRole('button', { name: 'Cancel 2 invitations' }).click();
  await at(page, '2 invitations cancelled');
  await select(app, page, '?status=inactive', ['Kirsty Donnelly', 'Leon Campbell']);
  await press(page, 'Reactivate');
  await at(page, /Check and reactivate 2 users$/);
  await look(page, 'bulk-reactivate-check');
  await page.getByRole('button', { name: 'Reactivate 2 users' }).click();
  await at(page, '2 users reactivated');
  await page.getByRole('button', { name: 'Undo all 2' }).click();
  await at(page, '2 changes undone');
});

test('T-JOB-01: many are changed by the worker, and the page says how far it is', async ({ app, as }) => {
  const page = await as(DEMO.margaret);
  await app.open(page, '/o/rx2/users?status=active');
  if (withWasm()) {
    await page.getByLabel(/^Select all \d+ on this page$/).check();
  } else {
    await page.getByLabel(/^Select all .* users that match$/).check();
  }
  await press(page, 'Set end date');
  await at(page, /What is the last day of their access\?$/);
  await page.getByLabel('Day').fill('30');
  await page.getByLabel('Month').fill('6');
  await page.getByLabel('Year').fill(String(new Date().getFullYear() + 1));
  await page.getByRole('button', { name: 'Continue' }).click();
  await at(page, /Check and set an end date for \d+ users$/);
  await page.getByRole('button', { name: /^Set an end date for \d+ users$/ }).click();
  await expect(page.locator('h1')).toHaveText(/^Setting end dates$|end dates set$/);
  await look(page, 'bulk-progress');
  const job = page.url();
  await expect(async () => {
    await app.open(page, job);
    await expect(page.locator('h1')).toHaveText(/^\d+ end dates set$/, { timeout: 500 });
  }).toPass();
  await look(page, 'bulk-progress-done');
  await page.getByRole('button', { name: /^Undo all \d+$/ }).click();
  await expect(page.locator('h1')).toHaveText(/^Undoing changes$|changes undone$/);
  const undoing = page.url();
  await expect(async () => {
    await app.open(page, undoing);
    await expect(page.locator('h1')).toHaveText(/^\d+ changes undone$/, { timeout: 500 });
  }).toPass();
});

test('a selection is narrow, too', async ({ app, as }) => {
  const page = await as(DEMO.margaret);
  await page.setViewportSize({ width: 375, height: 800 });
  await app.open(page, '/o/rx2/users');
  expect(await sideways(page)).toBe(0);
  await look(page, 'bulk-list-narrow');
});
