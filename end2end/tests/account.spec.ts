import { code, DEMO, expect, go, hydrated, look, newestCode, type Person, sent, signIn, test, totp } from '../support';

/** Somebody of the demo, by their address: what these tests change is theirs alone. */
function person(email: string): Person {
  return { ...DEMO.kwame, email };
}

const banner = '.nhsuk-notification-banner--success';

test('K, R58: people see where they are signed in, and sign out there', async ({ app, as, visitor, mail }) => {
  const harpreet = person('harpreet.sandhu@hollybrook.example');
  const page = await as(harpreet);
  const other = await visitor();
  await signIn(app, other, mail, harpreet);
  await app.open(page, '/account');
  await look(page, 'account');
  await page.getByRole('link', { name: 'See devices and sessions' }).click();
  await expect(page.locator('h1')).toHaveText('Devices and sessions');
  await hydrated(page);
  await expect(page.locator('tbody tr')).toHaveCount(2);
  await expect(page.locator('tbody')).toContainText('This device');
  await look(page, 'account-sessions');
  await page.getByRole('button', { name: /^Sign out Chrome/ }).click();
  await expect(page.locator(banner)).toContainText('The device has been signed out');
  await app.open(other, '/o/rx1');
  await expect(other).toHaveURL(/\/sign-in/);
  await app.open(page, '/account/sessions');
  await expect(page.locator('tbody tr')).toHaveCount(1);

  // What happened to the account, so that a stranger would be noticed.
  await app.open(page, '/account/activity');
  await expect(page.locator('main')).toContainText('signed in');
  await look(page, 'account-activity');
});

test('J08: what needs attention in the other organisations is on the first page of each', async ({ app, as }) => {
  const page = await as(DEMO.priya);
  await app.open(page, '/o/rx1');
  await expect(page.getByRole('heading', { name: 'Your other organisations' })).toBeVisible();
  await look(page, 'home-elsewhere');
  await page.getByRole('link', { name: 'Open Rosebush Hospital' }).click();
  await expect(page.locator('h1')).toHaveText('Rosebush Hospital');
});

test('K: name, mobile number, authenticator app and recovery codes are changed', async ({ app, as, mail }) => {
  const olivia = person('olivia.smith@hollybrook.example');
  const page = await as(olivia);
  await app.open(page, '/account/name');
  await page.getByLabel('First name').fill('');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.locator('.nhsuk-error-summary')).toContainText('Enter your first name');
  await hydrated(page);
  await look(page, 'account-name-error');
  await page.getByLabel('First name').fill('Olive');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.locator(banner)).toContainText('Your name has been changed');
  await hydrated(page);
  await expect(page.getByRole('navigation', { name: 'Account' })).toContainText('Olive Smith');

  await app.open(page, '/account/mobile-number');
  await page.getByLabel('Mobile phone number').fill('07700 900 777');
  await go(page, 'Continue', 'Check your phone');
  await look(page, 'account-mobile-code');
  await page.getByLabel('Code', { exact: true }).fill(code(await mail.latest('+447700900777', { about: /code/i })));
  await page.getByRole('button', { name: 'Change number' }).click();
  await expect(page.locator(banner)).toContainText('Your mobile phone number has been changed');

  await app.open(page, '/account/security');
  await look(page, 'account-security');
  await page.getByRole('button', { name: /^Set up/ }).click();
  await expect(page.locator('h1')).toHaveText('Set up your authenticator app');
  await hydrated(page);
  await look(page, 'account-app');
  const key = await page.locator('.app-key code').innerText();
  await page.getByLabel('Code', { exact: true }).fill(totp(key));
  await page.getByRole('button', { name: 'Set up the app' }).click();
  await expect(page.locator(banner)).toContainText('Your authenticator app is set up');

  await app.open(page, '/account/security/recovery-codes');
  await go(page, 'Get new codes', 'Keep your recovery codes');
  expect((await page.locator('main').innerText()).match(/\b[0-9a-z]{4}(-[0-9a-z]{4}){3}\b/g)).toHaveLength(10);
  await look(page, 'account-recovery-codes');
});

test('C5, R73: an email address is changed with a code from each mailbox', async ({ app, as, visitor, mail }) => {
  const oliver = person('oliver.smith@hollybrook.example');
  const next = 'oliver.marlowe@hollybrook.example';
  const page = await as(oliver);
  const other = await visitor();
  await signIn(app, other, mail, oliver);
  await app.open(page, '/account');
  await page.getByRole('link', { name: 'Change email address' }).click();
  await expect(page.locator('h1')).toHaveText('What is your new email address?');
  await hydrated(page);
  await look(page, 'account-email');
  await page.getByLabel('New email address').fill('oliver@hollybrook');
  await page.getByRole('button', { name: 'Continue' }).click();
  await expect(page.locator('.nhsuk-error-summary')).toContainText('Enter an email address in the correct format');
  await hydrated(page);
  await look(page, 'account-email-error');
  await page.getByLabel('New email address').fill(next);
  await go(page, 'Continue', 'Check your email');
  await look(page, 'account-email-codes');
  const fill = async (current: string, fresh: string) => {
    await page.getByLabel('Code from your current email address').fill(current);
    await page.getByLabel('Code from your new email address').fill(fresh);
    await page.getByRole('button', { name: 'Change email address' }).click();
  };
  const current = code(await mail.latest(oliver.email, { about: /change your/ }));
  const fresh = code(await mail.latest(next, { about: /change your/ }));
  await fill(current, fresh === '000000' ? '000001' : '000000');
  await expect(page.locator('.nhsuk-error-summary')).toContainText('Enter the correct code from your new email address');
  await hydrated(page);
  await look(page, 'account-email-codes-error');
  await fill(current, fresh);
  await expect(page.locator(banner)).toContainText('Your email address has been changed');
  await expect(page.locator('main')).toContainText(next);
  await hydrated(page);
  await look(page, 'account-email-changed');
  expect((await mail.latest(oliver.email, { about: /was changed/ })).text).toContain(next);
  await app.open(other, '/o/rx1');
  await expect(other).toHaveURL(/\/sign-in/);
});

test('K, R49, R60: a new password needs the old one and a code after a while, and ends every other session', async ({ app, as, visitor, mail }) => {
  const ewa = person('ewa.kowalczyk@hollybrook.example');
  const page = await as(ewa);
  const other = await visitor();
  await signIn(app, other, mail, ewa);
  // Five minutes pass.
  app.server.change(
    `UPDATE sessions SET authenticated_at = replace(datetime(authenticated_at, '-5 minutes'), ' ', 'T') || '+00:00'
     WHERE user_id = (SELECT id FROM users WHERE email = :email)`,
    { email: ewa.email },
  );
  const before = await sent(mail, ewa);
  await app.open(page, '/account/password');
  await expect(page.locator('h1')).toHaveText('Enter your password to continue');
  await look(page, 'account-confirm');
  await page.getByLabel('Password', { exact: true }).fill(ewa.password);
  await go(page, 'Continue', 'Check your email');
  await look(page, 'account-confirm-code');
  const right = await newestCode(mail, ewa, before);
  await page.getByLabel('Code', { exact: true }).fill('12');
  await page.getByRole('button', { name: 'Continue' }).click();
  await expect(page.locator('.nhsuk-error-summary')).toContainText('the code must be 6 numbers');
  await hydrated(page);
  await page.getByLabel('Code', { exact: true }).fill(right);
  await go(page, 'Continue', 'Change your password');
  await look(page, 'account-password');
  await page.getByLabel('New password', { exact: true }).fill('purple bicycle lantern');
  await page.getByRole('button', { name: 'Change password' }).click();
  await expect(page.locator(banner)).toContainText('Your password has been changed');
  await app.open(other, '/o/rx1');
  await expect(other).toHaveURL(/\/sign-in/);
  expect((await mail.latest(ewa.email, { about: /password/i })).text).toContain('was changed');
});

test('C16: people see who can change their access, and leave an organisation', async ({ app, as }) => {
  const page = await as(person('grace.adeyemi@hollybrook.example'));
  await app.open(page, '/account/access');
  await expect(page.locator('main')).toContainText('Hollybrook Hospital (RX1)');
  await look(page, 'account-access');
  await page.getByRole('link', { name: 'Leave Hollybrook Hospital' }).click();
  await expect(page.locator('h1')).toHaveText('Are you sure you want to leave Hollybrook Hospital?');
  await hydrated(page);
  await page.getByRole('button', { name: 'Save and continue' }).click();
  await expect(page.locator('.nhsuk-error-summary')).toContainText('Select yes if you want to leave this organisation');
  await hydrated(page);
  await look(page, 'account-leave-error');
  await page.getByLabel('Yes', { exact: true }).check();
  await page.getByRole('button', { name: 'Save and continue' }).click();
  // It was their only organisation: they are signed out.
  await expect(page).toHaveURL(/\/sign-in/);
});
