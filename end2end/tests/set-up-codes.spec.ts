import {
  code,
  DEMO,
  expect,
  givePassword,
  go,
  hydrated,
  look,
  newestCode,
  proveAgain,
  registerContributor,
  sent,
  test,
  totp,
} from '../support';

const banner = '.nhsuk-notification-banner--success';
const summary = '.nhsuk-error-summary';

test('E8, R46, R51: codes are reset, and set up again in the middle of signing in', async ({
  app,
  as,
  page,
  mail,
  visitor,
}) => {
  const office = await as(DEMO.sam);
  await proveAgain(app, office, mail, DEMO.sam);
  const person = await registerContributor(app, office, page, mail, 'sms');
  await app.open(office, `/o/rx1/users?q=${encodeURIComponent(person.email)}&status=all`);
  await office.locator('tbody').getByRole('link', { name: 'Alex Moreton' }).click();
  await office.getByRole('link', { name: 'Manage how they sign in' }).click();
  await expect(office.locator('h1')).toHaveText('How Alex Moreton signs in');
  await hydrated(office);
  await office.getByRole('button', { name: 'Reset codes' }).click();
  await expect(office.locator('h1')).toHaveText('Reset the codes of Alex Moreton');
  await hydrated(office);
  await look(office, 'reset-codes');
  await office.getByRole('button', { name: 'Reset codes' }).click();
  await expect(office.locator(summary)).toContainText('Enter why you are resetting their codes');
  await look(office, 'reset-codes-error');
  await office.getByLabel('Why do their codes need to be reset?').fill('Lost their phone');
  await office.getByRole('button', { name: 'Reset codes' }).click();
  await expect(office.locator(banner)).toContainText('You reset Alex Moreton’s codes');
  await expect(office.locator('main')).toContainText('Not set up');
  await look(office, 'reset-codes-done');
  const told = await mail.latest(person.email, { about: /signing in/i });
  expect(told.text).toContain('Sam Okoro at Hollybrook Hospital');
  const number = `+44${person.mobile.replace(/\s/g, '').slice(1)}`;
  expect((await mail.latest(number, { about: /reset how you get/i })).text).toContain('tell Hollybrook Hospital now');

  // They were signed out nowhere yet: they sign in with the password that they know.
  const browser = await visitor();
  const mailbox = { ...person, method: 'email' as const };
  const before = await sent(mail, mailbox);
  await givePassword(app, browser, person);
  await expect(browser.locator('h1')).toHaveText('Set up 2-step sign in');
  await hydrated(browser);
  await look(browser, 'set-up-codes');
  await app.open(browser, '/sign-in/set-up-codes/confirm-code');
  await expect(browser.locator('h1')).toHaveText('Set up 2-step sign in');
  await browser.getByRole('link', { name: 'I have not had a code' }).click();
  await expect(browser.locator('h1')).toContainText('If you have not had a code');
  await look(browser, 'set-up-codes-not-received');
  await app.open(browser, '/sign-in/set-up-codes');
  await browser.getByLabel('Code', { exact: true }).fill('12');
  await browser.getByRole('button', { name: 'Continue' }).click();
  await expect(browser.locator(summary)).toContainText('the code must be 6 numbers');
  await browser.getByLabel('Code', { exact: true }).fill(await newestCode(mail, mailbox, before));
  await go(browser, 'Continue', 'How do you want to get codes?');
  await look(browser, 'set-up-codes-method');
  await browser.getByRole('button', { name: 'Continue' }).click();
  await expect(browser.locator(summary)).toContainText('Select how you want to get codes');
  await browser.getByLabel('Text message', { exact: true }).check();
  await browser.getByLabel('Mobile phone number').fill('07700 900 888');
  await go(browser, 'Continue', 'Check your phone');
  await look(browser, 'set-up-codes-phone');
  expect(code(await mail.latest('+447700900888', { about: /code/i }))).toHaveLength(6);
  await browser.getByRole('link', { name: 'Use a different method' }).click();
  await expect(browser.locator('h1')).toContainText('How do you want to get codes?');
  await hydrated(browser);
  await browser.getByLabel('Authenticator app', { exact: true }).check();
  await go(browser, 'Continue', 'Set up your authenticator app');
  await look(browser, 'set-up-codes-app');
  const key = await browser.locator('.app-key code').innerText();
  await browser.getByLabel('Code', { exact: true }).fill(totp(key));
  await go(browser, 'Continue', 'Keep your recovery codes');
  await expect(browser.locator(banner)).toContainText('2-step sign in is set up');
  const codes = (await browser.locator('main').innerText()).match(/\b[0-9a-z]{4}(-[0-9a-z]{4}){3}\b/g);
  expect(codes).toHaveLength(10);
  await look(browser, 'set-up-codes-recovery');
  await browser.getByRole('button', { name: 'Continue' }).click();
  await expect(browser).toHaveURL(/\/o\/rx1$/);
  await expect(browser.locator('h1')).toContainText('Hollybrook Hospital');
});
