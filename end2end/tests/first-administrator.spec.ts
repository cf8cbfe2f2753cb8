import {
  DEMO,
  expect,
  go,
  hydrated,
  invite,
  link,
  look,
  newPerson,
  register,
  signIn,
  test,
} from '../support';
import { Mail } from '../support/mail';
import { Server } from '../support/server';

test('R10: an empty installation is set up with the printed link, once', async ({ app, page, visitor }, info) => {
  const server = await Server.start(`first-${info.project.name}`, 'empty');
  try {
    const here = { ...app, origin: server.origin, server };
    const mail = new Mail(server.origin);
    const open = async (path: string) => {
      await app.open(page, new URL(path, server.origin).href);
    };
    here.open = (other, path) => app.open(other, new URL(path, server.origin).href);
    const printed = /http\S+\/set-up\/\S+/.exec(server.output())?.[0];
    expect(printed, server.output()).toBeTruthy();
    await open(printed ?? '');
    await expect(page.locator('h1')).toHaveText('Set up your organisation');
    await look(page, 'set-up');
    await page.getByLabel('Organisation name').fill('Hollybrook Hospital');
    await page.getByRole('button', { name: 'Continue' }).click();
    const summary = page.locator('.nhsuk-error-summary');
    await expect(summary).toContainText('Enter an organisation code');
    await expect(summary).toContainText('Enter your email address');
    await expect(page.getByLabel('Organisation name')).toHaveValue('Hollybrook Hospital');
    await look(page, 'set-up-errors');
    const person = { ...newPerson('rx9', 'authenticator'), slug: 'rx9' };
    await page.getByLabel('Organisation code').fill('RX9');
    await page.getByLabel('Your email address').fill(person.email);
    await page.getByRole('button', { name: 'Continue' }).click();
    await expect(page.locator('h1')).toContainText('Your details');
    await hydrated(page);
    await register(page, mail, person);
    await look(page, 'register-done');
    await signIn(here, page, mail, person, 1);
    await expect(page.locator('h1')).toHaveText('Hollybrook Hospital');
    // R14 of the pages: with one administrator, a second is asked for; C2: what to do first.
    await expect(page.locator('main')).toContainText('Get started');
    await expect(page.getByRole('link', { name: 'Add a second administrator' })).toBeVisible();
    await look(page, 'home-first');

    const late = await visitor();
    await app.open(late, printed ?? '');
    await expect(late.locator('h1')).toHaveText('This service has already been set up');
    await look(late, 'set-up-used');

    await open('/o/rx9/users');
    await expect(page.locator('main')).toContainText('You are the only user.');
    await look(page, 'users-only-you');
    // There are no areas yet: nobody is asked for any.
    await invite(here, page, 'rx9', { emails: DEMO.kwame.email, role: 'Viewer' });
    await expect(page.locator('h1')).toHaveText('1 invitation sent');
    await expect(page.locator('main')).toContainText('All of Hollybrook Hospital');
    await open('/o/rx9');
    await expect(page.locator('main')).toContainText('This organisation has only 1 administrator');
    const second = await visitor();
    await app.open(second, link(await mail.latest(DEMO.kwame.email)));
    await go(second, 'Accept invitation', 'Your details');
    // The page of the job listens to a server that ends now.
    await page.goto('about:blank');
  } finally {
    await server.close();
  }
});
