import {
  allowConsole,
  DEMO,
  expect,
  expectAccessible,
  givePassword,
  link,
  type Method,
  newestCode,
  registerAdministrator,
  registerContributor,
  sent,
  shot,
  signIn,
  test,
  totp,
} from '../support';

for (const method of ['authenticator', 'sms', 'email'] as Method[]) {
  test(`signs in with a code by ${method}, and out again`, async ({ app, as, page, mail, visitor }) => {
    const person =
      method === 'authenticator'
        ? await registerAdministrator(app, page, mail)
        : await registerContributor(app, await as(DEMO.sam), page, mail, method);
    const other = await visitor();
    await app.open(other, '/account');
    await expect(other).toHaveURL(/\/sign-in\?return-to=/);
    await signIn(app, other, mail, person, 1);
    await expect(other.locator('header')).toContainText('Alex Moreton');
    await app.open(other, '/account');
    await expect(other.locator('h1')).toHaveText('Your account');
    await expectAccessible(other);
    await shot(other, `account-${method}`);
    // R92: nothing stays in the browser but cookies that no script reads.
    const kept = await other.context().storageState({ indexedDB: true });
    expect(kept.origins).toEqual([]);
    expect(kept.cookies.filter((cookie) => !cookie.httpOnly)).toEqual([]);
    await other.getByRole('button', { name: 'Sign out' }).click();
    await expect(other.locator('h1')).toHaveText('You have signed out');
    await app.open(other, '/account');
    await expect(other).toHaveURL(/\/sign-in\?return-to=/);
  });
}

test('refuses wrong pairs and wrong codes with their reasons', async ({ app, as, page, mail, visitor }) => {
  const person = await registerContributor(app, await as(DEMO.sam), page, mail, 'email');
  const other = await visitor();
  await app.open(other, '/sign-in');
  await expectAccessible(other);
  await shot(other, 'sign-in');
  await other.getByRole('button', { name: 'Sign in' }).click();
  const summary = other.locator('.nhsuk-error-summary');
  await expect(summary).toContainText('Enter your email address');
  await expect(summary).toContainText('Enter your password');
  await expect(other).toHaveTitle(/^Error: /);
  await expectAccessible(other);
  await givePassword(app, other, person, 'four noisy herons');
  await expect(summary).toContainText('Enter a correct email address and password');
  await expect(other.getByLabel('Email address')).toHaveValue(person.email);
  await expect(other.getByLabel('Password', { exact: true })).toHaveValue('');
  const before = await sent(mail, person);
  await givePassword(app, other, person);
  await expect(other.locator('h1')).toHaveText('Check your email');
  await expectAccessible(other);
  await shot(other, 'check-your-code');
  const right = await newestCode(mail, person, before);
  const wrong = String((Number(right) + 1) % 1_000_000).padStart(6, '0');
  await other.getByLabel('Code', { exact: true }).fill(wrong);
  await other.getByRole('button', { name: 'Continue' }).click();
  await expect(summary).toContainText('Enter the correct code');
  // With a space, as it may be copied.
  await other.getByLabel('Code', { exact: true }).fill(`${right.slice(0, 3)} ${right.slice(3)}`);
  await other.getByRole('button', { name: 'Continue' }).click();
  await expect(other).toHaveURL(new RegExp(`/o/${person.slug}`));
});

test('signs in with a recovery code, once', async ({ app, page, mail, visitor }) => {
  const person = await registerAdministrator(app, page, mail);
  const other = await visitor();
  await givePassword(app, other, person);
  await expect(other.locator('h1')).toHaveText('Enter the code from your authenticator app');
  await other.getByRole('link', { name: 'Use a recovery code' }).click();
  await expect(other.locator('h1')).toHaveText('Use a recovery code');
  await expectAccessible(other);
  await other.getByLabel('Recovery code', { exact: true }).fill(person.recoveryCodes[0] ?? '');
  await other.getByRole('button', { name: 'Continue' }).click();
  await expect(other.locator('main')).toContainText('You have 9 recovery codes left');
  const third = await visitor();
  await givePassword(app, third, person);
  await expect(third).toHaveURL(/\/sign-in\/check-your-code/);
  await app.open(third, '/sign-in/use-recovery-code');
  await third.getByLabel('Recovery code', { exact: true }).fill(person.recoveryCodes[0] ?? '');
  await third.getByRole('button', { name: 'Continue' }).click();
  await expect(third.locator('.nhsuk-error-summary')).toContainText('Enter a recovery code that you have not used');
});

test('replaces a forgotten password', async ({ app, page, mail, visitor }) => {
  const person = await registerAdministrator(app, page, mail);
  const other = await visitor();
  await app.open(other, '/sign-in');
  await other.getByRole('link', { name: 'I have forgotten my password' }).click();
  await expect(other.locator('h1')).toHaveText('Forgotten password');
  await expectAccessible(other);
  await other.getByLabel('Email address').fill(person.email);
  await other.getByRole('button', { name: 'Continue' }).click();
  await expect(other.locator('h1')).toHaveText('Check your email');
  const reset = link(await mail.latest(person.email, { about: /new .*password/i }));
  // R18: looking uses nothing up.
  for (let time = 0; time < 3; time += 1) {
    await app.open(other, reset);
    await expect(other.locator('h1')).toHaveText('Choose a new password');
  }
  await expectAccessible(other);
  await shot(other, 'reset-password');
  await other.getByLabel('New password', { exact: true }).fill('Password123456');
  await other.getByRole('button', { name: 'Change password' }).click();
  await expect(other.locator('.nhsuk-error-summary')).toContainText('Choose a password that is harder to guess');
  await other.getByLabel('New password', { exact: true }).fill('lantern meadow copper');
  await other.getByRole('button', { name: 'Change password' }).click();
  await expect(other.locator('h1')).toHaveText('Sign in');
  await expect(other.locator('.nhsuk-notification-banner--success')).toContainText('Your password has been changed');
  // R27: the session from before has ended.
  await app.open(page, '/account');
  await expect(page).toHaveURL(/\/sign-in\?return-to=/);
  allowConsole(other, /status of 410/);
  await app.open(other, reset);
  await expect(other.locator('h1')).toHaveText('This link has expired');
  await givePassword(app, other, person, 'lantern meadow copper');
  await other.getByLabel('Code', { exact: true }).fill(totp(person.key, 1));
  await other.getByRole('button', { name: 'Continue' }).click();
  await expect(other).toHaveURL(new RegExp(`/o/${person.slug}`));
});
