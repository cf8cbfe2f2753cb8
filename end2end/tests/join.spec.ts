import { code, DEMO, expect, go, hydrated, invite, link, look, newPerson, register, test } from '../support';

test('R23, V15: somebody with an account joins another organisation by signing in', async ({ app, as, page, mail }) => {
  const [hollybrook, rosebush] = [await as(DEMO.sam), await as(DEMO.margaret)];
  const person = newPerson('rx1', 'email');
  await invite(app, hollybrook, 'rx1', { emails: person.email });
  await app.open(page, link(await mail.latest(person.email, { about: 'invited' })));
  await register(page, mail, person);

  const before = await mail.to(person.email);
  await invite(app, rosebush, 'rx2', { emails: person.email, role: 'Viewer', areas: ['Rehabilitation'] });
  const invitation = link(await mail.latest(person.email, { after: before, about: 'Rosebush' }));
  await app.open(page, invitation);
  await expect(page.locator('h1')).toHaveText('Rosebush Hospital has invited you to Lanyard');
  await expect(page.locator('main')).toContainText('You have an account already.');
  await look(page, 'landing-account');
  await page.getByRole('button', { name: 'Accept invitation' }).click();
  await expect(page.locator('h1')).toHaveText('Sign in');
  await hydrated(page);
  const messages = await mail.to(person.email);
  await page.getByLabel('Email address').fill(person.email);
  await page.getByLabel('Password', { exact: true }).fill(person.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.locator('h1')).toHaveText('Check your email');
  await hydrated(page);
  await page.getByLabel('Code', { exact: true }).fill(code(await mail.latest(person.email, { after: messages, about: /code/i })));
  await go(page, 'Continue', 'Join Rosebush Hospital');
  // Neither a password nor a name is asked for again.
  await expect(page.locator('main input:not([type=hidden])')).toHaveCount(0);
  await look(page, 'join');
  // The terms are those that they have agreed to.
  await page.getByRole('button', { name: 'Join', exact: true }).click();
  await expect(page).toHaveURL(/\/o\/rx2$/);
  await hydrated(page);
  await expect(page.locator('.nhsuk-notification-banner--success')).toContainText('You have joined Rosebush Hospital');
  const bar = page.locator('.app-org-bar');
  await expect(bar).toContainText('Rosebush Hospital');
  await look(page, 'join-done');

  // Two organisations: the bar leads to the choice.
  await page.getByRole('link', { name: 'Change organisation' }).click();
  await expect(page.locator('h1')).toHaveText('Choose your organisation');
  await hydrated(page);
  await look(page, 'choose-organisation');
  await page.getByRole('button', { name: 'Continue' }).click();
  await expect(page.locator('.nhsuk-error-summary')).toContainText('Select an organisation');
  await page.getByLabel('Hollybrook Hospital').check();
  await page.getByRole('button', { name: 'Continue' }).click();
  await expect(page).toHaveURL(/\/o\/rx1$/);
  await expect(bar).toContainText('Hollybrook Hospital');
  await expect(page.locator('main')).toContainText('Contributor');

  // Each organisation sees its own part.
  await app.open(rosebush, '/o/rx2/users?q=moreton');
  await expect(rosebush.locator('tbody tr').filter({ hasText: person.email })).toContainText('Viewer');
  await app.open(hollybrook, `/o/rx1/users?q=${encodeURIComponent(person.email)}`);
  await expect(hollybrook.locator('tbody tr')).toContainText('Contributor');
});

test('J06: the organisation bar keeps the kind of page', async ({ app, as }) => {
  const page = await as(DEMO.priya);
  await app.open(page, '/o/rx1/users');
  await page.getByRole('link', { name: 'Change organisation' }).click();
  await expect(page.locator('h1')).toHaveText('Choose your organisation');
  await hydrated(page);
  await page.getByLabel('Rosebush Hospital').check();
  await page.getByRole('button', { name: 'Continue' }).click();
  await expect(page).toHaveURL(/\/o\/rx2\/users$/);
  await expect(page.locator('.app-org-bar')).toContainText('Rosebush Hospital');
});
