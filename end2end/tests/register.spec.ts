import {
  allowConsole,
  DEMO,
  expect,
  go,
  hydrated,
  invite,
  link,
  look,
  newestCode,
  newPerson,
  sent,
  signIn,
  test,
} from '../support';

test('B12 to B17: an invited person registers, agrees, signs in and is Active', async ({ app, as, page, mail }) => {
  const office = await as(DEMO.sam);
  const person = newPerson('rx1', 'sms');
  await invite(app, office, 'rx1', { emails: person.email, areas: ['Ward 3'] });
  const invitation = link(await mail.latest(person.email, { about: 'invited' }));
  await app.open(page, invitation);
  await expect(page.locator('h1')).toHaveText('Hollybrook Hospital has invited you to Lanyard');
  const offer = page.locator('.nhsuk-summary-list');
  await expect(offer).toContainText('Sam Okoro');
  await expect(offer).toContainText(person.email);
  await expect(offer).toContainText('Contributor');
  await expect(offer).toContainText('Ward 3');
  await look(page, 'landing');
  await go(page, 'Accept invitation', 'Your details');

  // B14: the address is there, and nothing to change it with.
  await expect(page.locator('main')).toContainText(person.email);
  await expect(page.locator('input[type=email]')).toHaveCount(0);
  await look(page, 'register-details');
  const summary = page.locator('.nhsuk-error-summary');
  await page.getByRole('button', { name: 'Continue' }).click();
  await expect(summary.getByRole('link')).toHaveText([
    'Enter your first name',
    'Enter your last name',
    'Enter your mobile phone number',
    'Enter a password',
  ]);
  await expect(page).toHaveTitle(/^Error: /);
  await look(page, 'register-details-errors');
  await page.getByLabel('First name').fill('Ngozi');
  await page.getByLabel('Last name').fill('Achebe-Þórsdóttir');
  const mobile = page.getByLabel('Mobile phone number');
  const password = page.getByLabel('Create a password', { exact: true });
  await mobile.fill('+33 6 12 34 56 78');
  await password.fill('short');
  await page.getByRole('button', { name: 'Continue' }).click();
  await expect(summary.getByRole('link')).toHaveText([
    'Enter a UK mobile phone number, like 07700 900 982',
    'Password must be 12 characters or more',
  ]);
  // Typed text stays, secrets do not.
  await expect(page.getByLabel('Last name')).toHaveValue('Achebe-Þórsdóttir');
  await expect(mobile).toHaveValue('+33 6 12 34 56 78');
  await expect(password).toHaveValue('');
  for (const [weak, reason] of [
    ['Password123456', 'Choose a password that is harder to guess'],
    ['ngozi is the best', 'Password must not include your name or email address'],
  ] as const) {
    await mobile.fill('07700 900');
    await password.fill(weak);
    await page.getByRole('button', { name: 'Continue' }).click();
    await expect(summary).toContainText('Enter a mobile phone number in the correct format, like 07700 900 982');
    await expect(summary).toContainText(reason);
  }
  await mobile.fill(person.mobile);
  await password.fill(person.password);
  await go(page, 'Continue', 'How do you want to get codes?');

  // B15
  await look(page, 'register-codes');
  await page.getByRole('button', { name: 'Continue' }).click();
  await expect(summary).toContainText('Select how you want to get codes');
  const before = await sent(mail, person);
  await page.getByLabel('Text message', { exact: true }).check();
  await go(page, 'Continue', 'Check your phone');
  await look(page, 'register-code');
  const right = await newestCode(mail, person, before);
  await page.getByLabel('Code', { exact: true }).fill('12345');
  await page.getByRole('button', { name: 'Continue' }).click();
  await expect(summary).toContainText("You've not entered enough numbers, the code must be 6 numbers");
  await page.getByLabel('Code', { exact: true }).fill(right);
  await go(page, 'Continue', 'Keep your recovery codes');
  await look(page, 'register-recovery-codes');
  person.recoveryCodes = (await page.locator('main').innerText()).match(/\b[0-9a-z]{4}(-[0-9a-z]{4}){3}\b/g) ?? [];
  expect(person.recoveryCodes).toHaveLength(10);

  // R18, R30: looking elsewhere meanwhile changes nothing, and no step can be left out.
  await app.open(office, `/o/rx1/users?q=${encodeURIComponent(person.email)}`);
  await expect(office.locator('tbody .nhsuk-tag')).toHaveText(['Pending']);
  const steps = page.url();
  allowConsole(page, /status of 409/);
  await app.open(page, steps.replace(/[^/]+$/, 'done'));
  await expect(page.locator('h1')).toHaveText('There is a step to finish first');
  await look(page, 'register-step-missing');
  await app.open(page, steps);
  await go(page, 'Continue', 'Terms of use');

  // B16
  await expect(page.locator('main')).toContainText(/Version .+, approved by/);
  await look(page, 'register-terms');
  await go(page, 'Agree and continue', 'You are set up');
  await look(page, 'register-done');
  await page.getByRole('button', { name: 'Go to Hollybrook Hospital' }).click();
  await expect(page.locator('h1')).toHaveText('Sign in');
  await hydrated(page);
  await signIn(app, page, mail, person);
  await expect(page.locator('header')).toContainText('Ngozi Achebe-Þórsdóttir');
  await expect(page.locator('main')).toContainText('Contributor');
  await expect(page.locator('main')).toContainText('Ward 3');
  await look(page, 'home-member');

  // B17: Active, found by her name.
  await app.open(office, '/o/rx1/users?q=thorsdottir+ngozi');
  await expect(office.locator('tbody tr')).toHaveCount(1);
  await expect(office.locator('tbody .nhsuk-tag')).toHaveText(['Active']);
  await office.getByRole('link', { name: 'Ngozi Achebe-Þórsdóttir' }).click();
  await expect(office.locator('h1')).toContainText('Ngozi Achebe-Þórsdóttir');
  await hydrated(office);
  await expect(office.locator('main')).toContainText('Text message');
  await expect(office.locator('main')).toContainText('Invitation accepted');
  await look(office, 'person-active');

  // The link is used up.
  const late = await as(DEMO.kwame);
  await late.context().clearCookies();
  await app.open(late, invitation);
  await expect(late.locator('h1')).toHaveText('You have already accepted this invitation');
  await look(late, 'landing-used');
});
