import type { Locator } from '@playwright/test';
import { DEMO, expect, hydrated, look, type Page, test } from '../support';

/** The names in the list, as they stand. */
function names(page: Page) {
  return page.locator('tbody th a');
}

/** Opens a disclosure, where it is folded. */
async function unfold(details: Locator) {
  const summary = details.locator('> summary');
  if ((await details.getAttribute('open')) === null && (await summary.isVisible())) {
    await summary.click();
  }
}

test('J13, A19: people are found by any parts of their name or address, in any order', async ({ app, as }) => {
  const page = await as(DEMO.margaret);
  await app.open(page, '/o/rx2/users');
  await look(page, 'users');
  const box = page.getByLabel('Search by name or email address');
  for (const [words, found] of [
    ['stone emi', ['Emilia Stone', 'Emily Stone']],
    ['EMILY', ['Emily Stone']],
    ['zielinski lukasz', ['Łukasz Zieliński']],
    ['stjohn', ['Hugh St.John']],
    ['berg anne', ['Anne-Marie van der Berg']],
    ['gethin.m', ['Gethin Morgan']],
    ['bronagh.kelly@rosebush.example', ['Bronagh Kelly']],
    ['nair, vikram', ['Vikram Nair']],
  ] as const) {
    await box.fill(words);
    await box.press('Enter');
    await expect(names(page), words).toHaveText([...found]);
    await expect(page).toHaveURL(/\?q=/);
  }
  await expect(page.locator('main')).toContainText('Showing 1 user matching “nair, vikram”');
  await expect(page).toHaveTitle(/^Users: results for “nair, vikram” – Rosebush Hospital – Lanyard$/);
  // J17, 6.27: nobody, and what to do about it.
  await box.fill('quinn.zz@nhs.net');
  await box.press('Enter');
  await expect(page.locator('main')).toContainText('No users match “quinn.zz@nhs.net”.');
  await expect(page.getByRole('link', { name: 'Invite quinn.zz@nhs.net' })).toBeVisible();
  await look(page, 'users-nobody');
  await page.getByRole('link', { name: 'Clear search' }).click();
  await expect(page).toHaveURL(/\/o\/rx2\/users$/);
  // From every page by the header.
  await app.open(page, '/o/rx2/roles');
  const header = page.getByLabel('Search users by name or email address');
  await header.fill('adebayo');
  await header.press('Enter');
  await expect(names(page)).toHaveText(['Femi Adebayo']);
});

test('J14 to J17, B17 to B20: filters and counts are in the address', async ({ app, as }) => {
  const page = await as(DEMO.margaret);
  await app.open(page, '/o/rx2/users');
  const tabs = page.getByRole('navigation', { name: 'Users by status' });
  await expect(tabs.getByRole('link')).toHaveText([/^Current/, /^Active/, /^Pending/, /^Expired/, /^Inactive/, /^All/]);
  for (const status of ['Active', 'Pending', 'Expired', 'Inactive']) {
    const tab = tabs.getByRole('link', { name: new RegExp(`^${status}`) });
    const count = Number(/\((\d+)\)/.exec(await tab.innerText())?.[1]);
    await tab.click();
    await expect(page).toHaveURL(new RegExp(`status=${status.toLowerCase()}`));
    await expect(page.locator('caption')).toContainText(`Showing ${count} ${status.toLowerCase()} users`);
    await expect(page.locator('tbody tr')).toHaveCount(count);
    await expect(page.locator('tbody .nhsuk-tag')).toHaveText(Array(count).fill(status));
  }
  // Several of one kind are alternatives, several kinds narrow each other.
  const side = page.locator('.app-filter-disclosure');
  const check = async (label: RegExp) => {
    await unfold(side);
    await side.getByLabel(label).check();
  };
  await app.open(page, '/o/rx2/users');
  await check(/^Active/);
  await check(/^Manager/);
  await check(/^Administrator/);
  await side.getByRole('button', { name: 'Apply filters' }).first().click();
  await expect(page).toHaveURL(/status=active&role=/);
  await hydrated(page);
  // The address changes before the answer to it is there.
  await expect(page.locator('[aria-busy=true]')).toHaveCount(0);
  const roles = await page.locator('tbody td:nth-child(3)').allInnerTexts();
  expect(roles.length).toBeGreaterThan(5);
  expect(roles.every((role) => /Manager|Administrator/.test(role))).toBe(true);
  await look(page, 'users-filtered');
  const address = page.url();
  await app.open(page, address);
  await expect(page.locator('tbody tr')).toHaveCount(roles.length);
  await side.getByRole('link', { name: 'Remove filter: Manager' }).click();
  await expect(page.locator('tbody tr')).toHaveCount(2);
  await side.getByRole('link', { name: 'Clear filters' }).click();
  await expect(page).toHaveURL(/\/o\/rx2\/users$/);
});

test('D1, 6.10, C2: filters by codes, the last sign-in and when access ends, and what home counts of them', async ({
  app,
  as,
}) => {
  const page = await as(DEMO.margaret);
  const side = page.locator('.app-filter-disclosure');
  const more = side.locator('.app-filter__more');
  const apply = async () => {
    await side.getByRole('button', { name: 'Apply filters' }).first().click();
    await hydrated(page);
    await expect(page.locator('[aria-busy=true]')).toHaveCount(0);
  };
  const heading = async (text: RegExp) => {
    await expect(page.locator('h1')).toHaveText(text);
    await hydrated(page);
  };
  // Two people whose last day is today.
  const today = new Date().toLocaleDateString('en-GB', {
    timeZone: 'Europe/London',
    day: 'numeric',
    month: 'long',
    year: 'numeric',
  });
  await app.open(page, '/o/rx2/users?q=stone');
  for (const name of ['Emilia Stone', 'Emily Stone']) {
    await page.getByLabel(`Select ${name}`, { exact: true }).check();
  }
  const bar = page.locator('.app-bulk-bar').first();
  await bar.getByText('More actions').click();
  await bar.getByRole('button', { name: 'Set end date', exact: true }).click();
  await heading(/What is the last day of their access\?$/);
  const [day, month, year] = today.split(' ');
  await page.getByLabel('Day').fill(day);
  await page.getByLabel('Month').fill(month);
  await page.getByLabel('Year').fill(year);
  await page.getByRole('button', { name: 'Continue' }).click();
  await heading(/Check and set an end date for 2 users$/);
  await page.getByRole('button', { name: 'Set an end date for 2 users' }).click();
  await heading(/^2 end dates set$/);
  const job = page.url();
  // Home counts them, and leads to them.
  await app.open(page, '/o/rx2');
  await look(page, 'home-attention');
  await page.getByRole('link', { name: '2 users have access that ends this week' }).click();
  await expect(page).toHaveURL(/\?status=active&access-ends=week$/);
  await hydrated(page);
  await expect(names(page)).toHaveText(['Emilia Stone', 'Emily Stone']);
  await expect(page.locator('tbody tr').first()).toContainText(`Ends ${day} ${month}`);
  await unfold(side);
  // What is on stands open, and can be taken off.
  await expect(more).toHaveAttribute('open');
  await expect(more.getByLabel('This week')).toBeChecked();
  await look(page, 'users-access-ends');
  await side.getByRole('link', { name: 'Remove filter: This week' }).click();
  await expect(page).toHaveURL(/\?status=active$/);
  await hydrated(page);
  // The same by hand, with another filter that nobody of them meets.
  await app.open(page, '/o/rx2/users');
  await unfold(side);
  await expect(more).not.toHaveAttribute('open');
  await look(page, 'users-filters');
  await unfold(more);
  await more.getByLabel('This month').check();
  await side.getByRole('group', { name: '2-step sign in' }).getByLabel(/^On/).check();
  await apply();
  await expect(page).toHaveURL(/\?codes=on&access-ends=month/);
  await expect(names(page)).toHaveText(['Emilia Stone', 'Emily Stone']);
  await expect(page.getByRole('link', { name: 'Export 2 users as CSV' })).toHaveAttribute(
    'href',
    /users\.csv\?codes=on&access-ends=month/,
  );
  await unfold(side);
  await side.getByRole('group', { name: '2-step sign in' }).getByLabel(/^On/).uncheck();
  await side.getByRole('group', { name: '2-step sign in' }).getByLabel(/^Off/).check();
  await apply();
  await expect(page.locator('main')).toContainText('There are no current users.');
  await unfold(side);
  await side.getByRole('link', { name: 'Clear filters' }).click();
  await expect(page).toHaveURL(/\/o\/rx2\/users$/);
  await hydrated(page);
  // Counted where it can be, and never signed in where it says so.
  await unfold(side);
  const on = side.getByRole('group', { name: '2-step sign in' }).getByLabel(/^On/);
  const label = await side.getByRole('group', { name: '2-step sign in' }).locator('label').first().innerText();
  const count = Number(/^On \((\d+)\)$/.exec(label)?.[1]);
  await on.check();
  await apply();
  await expect(page.locator('caption')).toContainText(new RegExp(`(of|Showing) ${count} current users`));
  await app.open(page, '/o/rx2/users?status=active');
  await unfold(side);
  await side.getByRole('group', { name: 'Last signed in' }).getByLabel('Never').check();
  await apply();
  await expect(page).toHaveURL(/last-sign-in=never/);
  const dates = page.locator('tbody tr td:nth-child(6)');
  expect(await dates.count()).toBeGreaterThan(0);
  await expect(dates).toHaveText(Array(await dates.count()).fill(/Never$/));
  await app.open(page, job);
  await page.getByRole('button', { name: 'Undo all 2' }).click();
  await heading(/^2 changes undone$/);
});

test('J12 to J18: sorted, in pages, with what can be done about each', async ({ app, as }) => {
  const page = await as(DEMO.margaret);
  await app.open(page, '/o/rx2/users?status=all');
  await expect(page.locator('caption')).toContainText('Showing 1 to 25 of');
  await expect(page).toHaveTitle(/^Users \(page 1 of 2\)/);
  await expect(names(page).first()).toHaveText('Ruth Abrahams');
  await page.locator('thead').getByRole('link', { name: 'Name' }).click();
  await expect(page).toHaveURL(/dir=desc/);
  await expect(page.locator('th[aria-sort=descending]')).toContainText('Name');
  await expect(names(page).first()).toHaveText('Łukasz Zieliński');
  await page.locator('thead').getByRole('link', { name: 'Last signed in' }).click();
  await expect(page).toHaveURL(/sort=last-sign-in/);
  await page.getByRole('navigation', { name: 'Pagination' }).getByRole('link', { name: 'Page 2' }).click();
  await expect(page).toHaveURL(/page=2/);
  await expect(page).toHaveTitle(/^Users \(page 2 of 2\)/);
  await expect(page.locator('caption')).toContainText('Showing 26 to');
  await look(page, 'users-page-2');
  await page.getByRole('link', { name: '50 users a page' }).click();
  await expect(page.getByRole('navigation', { name: 'Pagination' })).toHaveCount(0);
  // B22: what a row offers depends on its status.
  await app.open(page, '/o/rx2/users?q=abigail');
  await expect(page.getByRole('link', { name: 'Send invitation again to Abigail Turner' })).toBeVisible();
  await expect(page.getByRole('link', { name: 'Cancel the invitation of Abigail Turner' })).toBeVisible();
  await app.open(page, '/o/rx2/users?q=gethin');
  await expect(page.getByRole('link', { name: /Send invitation again/ })).toHaveCount(0);
});

test('home, roles and people of an organisation', async ({ app, as }) => {
  const page = await as(DEMO.margaret);
  await app.open(page, '/o/rx2');
  await expect(page.locator('main')).toContainText('Needs your attention');
  await look(page, 'home');
  // Each number leads to the list that it counts.
  const expired = page.getByRole('link', { name: /invitations expired/ });
  const count = Number.parseInt(await expired.innerText(), 10);
  await expired.click();
  await expect(page.locator('tbody tr')).toHaveCount(count);
  await app.open(page, '/o/rx2/roles');
  await expect(page.locator('h1')).toHaveText('Roles and permissions');
  await look(page, 'roles');
  for (const [search, name, shown] of [
    ['tunde', 'person-manager', 'Last signed in'],
    ['kirsty', 'person-inactive', 'Deactivated by Margaret Ellison on'],
    ['tudor', 'person-failed', 'The email could not be delivered.'],
  ] as const) {
    await app.open(page, `/o/rx2/users?status=all&q=${search}`);
    await names(page).click();
    await expect(page.locator('.app-user-status')).toContainText(shown);
    await hydrated(page);
    await look(page, name);
  }
  await app.open(page, '/account');
  await look(page, 'account');
});
