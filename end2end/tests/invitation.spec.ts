import {
  allowConsole,
  type App,
  DEMO,
  expect,
  go,
  hydrated,
  invite,
  link,
  look,
  type Mail,
  newPerson,
  type Page,
  test,
} from '../support';

/** Somebody who was invited just now, and their link. */
async function invited(app: App, office: Page, mail: Mail) {
  const { email } = newPerson('rx1', 'email');
  await invite(app, office, 'rx1', { emails: email, areas: ['Ward 4'], message: 'See you on Monday' });
  return { email, first: link(await mail.latest(email, { about: 'invited' })) };
}

/** Days pass for the invitation of an address: it was sent and ran out a week before. */
function expire(app: App, email: string) {
  const member = '(SELECT m.id FROM memberships m JOIN users u ON u.id = m.user_id WHERE u.email = :email)';
  const ago = (column: string, days: number) => `${column} = replace(datetime(${column}, '-${days} days'), ' ', 'T') || '+00:00'`;
  app.server.change(
    `UPDATE invitations SET ${ago('created_at', 8)}, ${ago('expires_at', 8)} WHERE membership_id = ${member};
     UPDATE memberships SET ${ago('invited_at', 8)}, ${ago('invitation_expires_at', 8)} WHERE id = ${member}`,
    { email },
  );
}

/** Opens the page of a person by way of the list. */
async function findPerson(app: App, page: Page, email: string) {
  await app.open(page, `/o/rx1/users?q=${encodeURIComponent(email)}`);
  await page.getByRole('link', { name: email, exact: true }).click();
  await expect(page.locator('.app-user-status')).toBeVisible();
  await hydrated(page);
}

test.beforeEach(({ app }) => {
  // Two minutes have to pass between two messages otherwise (C18); one test looks at that.
  app.server.change("UPDATE organisations SET policy = json_set(policy, '$.resend_cooldown_minutes', 0)");
});

test('R19, B22: an invitation is sent again, and the older link says so', async ({ app, as, page, mail }) => {
  const office = await as(DEMO.sam);
  const { email, first } = await invited(app, office, mail);
  const before = await mail.to(email);
  await app.open(office, `/o/rx1/users?q=${encodeURIComponent(email)}`);
  await office.getByRole('link', { name: `Send invitation again to ${email}` }).click();
  await expect(office.locator('h1')).toContainText('Send invitation again');
  await hydrated(office);
  await expect(office.locator('main')).toContainText('The old link stops at once.');
  await look(office, 'invitation-again');
  await office.getByRole('button', { name: 'Send invitation again' }).click();
  const banner = office.locator('.nhsuk-notification-banner--success');
  await expect(banner).toContainText(`We have sent the invitation to ${email} again`);
  await look(office, 'person-pending');
  const second = link(await mail.latest(email, { after: before }));
  expect(second).not.toBe(first);
  await app.open(page, first);
  await expect(page.locator('h1')).toHaveText('This invitation was replaced by a newer one');
  await look(page, 'landing-replaced');
  await app.open(page, second);
  await expect(page.locator('h1')).toHaveText('Hollybrook Hospital has invited you to Lanyard');
  await go(page, 'Accept invitation', 'Your details');

  // C18: not again at once.
  app.server.change("UPDATE organisations SET policy = json_set(policy, '$.resend_cooldown_minutes', 2)");
  await findPerson(app, office, email);
  await office.getByRole('button', { name: 'Send invitation again' }).click();
  await expect(office.locator('main')).toContainText('You have just sent this message');
});

test('an invitation is cancelled, and its link says so', async ({ app, as, page, mail }) => {
  const office = await as(DEMO.sam);
  const { email, first } = await invited(app, office, mail);
  await findPerson(app, office, email);
  await office.getByRole('button', { name: 'Cancel invitation' }).click();
  await expect(office.locator('h1')).toHaveText(`Are you sure you want to cancel the invitation to ${email}?`);
  await hydrated(office);
  await look(office, 'invitation-cancel');
  await office.getByRole('button', { name: 'Cancel invitation' }).click();
  await expect(office.locator('.nhsuk-notification-banner--success')).toContainText(
    `You cancelled the invitation to ${email}`,
  );
  await app.open(page, first);
  await expect(page.locator('h1')).toHaveText('This invitation was cancelled');
  await expect(page.locator('main')).toContainText('ask Sam Okoro');
  await look(page, 'landing-cancelled');
  // It is taken back with a new link; the old one stays given up.
  await office.getByRole('button', { name: `Undo (invite ${email} again)` }).click();
  await expect(office.locator('.nhsuk-notification-banner--success')).toContainText(
    `We have sent the invitation to ${email} again`,
  );
  await app.open(page, first);
  await expect(page.locator('h1')).toHaveText('This invitation was cancelled');
  // The link of the list leads to the same question.
  const { email: other } = await invited(app, office, mail);
  await app.open(office, `/o/rx1/users?q=${encodeURIComponent(other)}`);
  await office.getByRole('link', { name: `Cancel the invitation of ${other}` }).click();
  await expect(office.locator('h1')).toHaveText(`Are you sure you want to cancel the invitation to ${other}?`);
});

test('B20, B22: an expired link asks for a new one, which is sent', async ({ app, as, page, mail }) => {
  const office = await as(DEMO.sam);
  const { email, first } = await invited(app, office, mail);
  expire(app, email);
  const before = await mail.to(email);
  allowConsole(page, /status of 410/);
  await app.open(page, first);
  await expect(page.locator('h1')).toHaveText('This invitation has expired');
  // Nothing else is revealed.
  await expect(page.locator('main')).not.toContainText('Hollybrook');
  await look(page, 'landing-expired');
  await page.getByRole('button', { name: 'Ask for a new invitation' }).click();
  await expect(page.locator('h1')).toHaveText('We have asked for a new invitation');
  await hydrated(page);
  await look(page, 'landing-asked');
  // The inviter hears of it.
  const asked = await mail.latest(DEMO.sam.email, { about: email });
  expect(asked.text).toContain('new invitation');
  await app.open(page, first);
  await expect(page.locator('main')).toContainText('You have asked for a new invitation');

  await app.open(office, `/o/rx1/users?status=expired&q=${encodeURIComponent(email)}`);
  await expect(office.locator('tbody .nhsuk-tag')).toHaveText(['Expired']);
  await findPerson(app, office, email);
  await look(office, 'person-expired');
  await office.getByRole('button', { name: 'Send a new invitation' }).click();
  await expect(office.locator('h1')).toContainText('Send a new invitation');
  await hydrated(office);
  await office.getByRole('button', { name: 'Send a new invitation' }).click();
  await expect(office.locator('.nhsuk-notification-banner--success')).toBeVisible();
  await expect(office.locator('.app-user-status .nhsuk-tag')).toHaveText('Pending');
  await app.open(page, link(await mail.latest(email, { after: before, about: 'invited' })));
  await expect(page.locator('h1')).toHaveText('Hollybrook Hospital has invited you to Lanyard');
});

test('an invitation is turned down by whom it does not reach', async ({ app, as, page, mail }) => {
  const office = await as(DEMO.sam);
  const { email, first } = await invited(app, office, mail);
  await app.open(page, first);
  await expect(page.locator('main')).toContainText('See you on Monday');
  await page.getByRole('link', { name: 'This is not for me' }).click();
  await expect(page.locator('h1')).toHaveText('Is this invitation not for you?');
  await hydrated(page);
  await look(page, 'landing-not-for-me');
  await page.getByRole('button', { name: 'Cancel this invitation' }).click();
  await expect(page.locator('h1')).toHaveText('You told us that this invitation is not for you');
  await hydrated(page);
  await look(page, 'landing-declined');
  await app.open(page, first);
  await expect(page.locator('h1')).toHaveText('You told us that this invitation is not for you');
  const told = await mail.latest(DEMO.sam.email, { about: email });
  expect(told.subject).toBeTruthy();
});

test('an invitation of somebody else is not taken by whoever is signed in', async ({ app, as, visitor, mail }) => {
  const office = await as(DEMO.sam);
  const { first } = await invited(app, office, mail);
  const other = await as(DEMO.kwame);
  await app.open(other, first);
  await expect(other.locator('h1')).toHaveText('This invitation is for someone else');
  await expect(other.locator('main')).toContainText('You are signed in as Kwame Boateng.');
  await look(other, 'landing-someone-else');
  await other.getByRole('link', { name: 'Stay signed in' }).click();
  await expect(other).toHaveURL(/\/o\/rx1/);
  // Without that session, it is there as before.
  const person = await visitor();
  await app.open(person, first);
  await expect(person.locator('h1')).toHaveText('Hollybrook Hospital has invited you to Lanyard');
});

test('C27: an address that the organisation no longer allows is told so by its link', async ({ app, as, page, mail }) => {
  const office = await as(DEMO.sam);
  const { email, first } = await invited(app, office, mail);
  app.server.change(`UPDATE organisations SET policy = json_set(policy, '$.email_domains', json('["nhs.net", "*.nhs.uk"]')) WHERE slug = 'rx1'`);
  try {
    await app.open(page, first);
    await expect(page.locator('h1')).toHaveText('Your email address cannot be used for this invitation any more');
    await expect(page.locator('main')).toContainText('It allows addresses that end in nhs.net or nhs.uk.');
    await expect(page.locator('main')).toContainText('ask Sam Okoro');
    await look(page, 'landing-other-domain');
    await findPerson(app, office, email);
    await app.open(office, `${new URL(office.url()).pathname}/invitation`);
    await expect(office.locator('main')).toContainText('This email address is not allowed any more.');
    await look(office, 'invitation-other-domain');
    await office.getByRole('link', { name: 'Correct this email address' }).click();
    await expect(office.locator('h1')).toHaveText('Correct this email address');
  } finally {
    app.server.change(`UPDATE organisations SET policy = json_set(policy, '$.email_domains', 'any') WHERE slug = 'rx1'`);
  }
});
