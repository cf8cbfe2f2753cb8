import { type App, DEMO, expect, go, hydrated, link, look, type Page, test } from '../support';

const summary = '.nhsuk-error-summary';

/** Opens the question about the address. */
async function start(app: App, page: Page, slug: string): Promise<void> {
  await app.open(page, `/o/${slug}/users/add`);
  await page.getByLabel('One person').check();
  await go(page, 'Continue', 'What is their email address?');
}

async function email(page: Page, address: string, heading: string | RegExp): Promise<void> {
  await page.locator('input[name=email]').fill(address);
  await go(page, 'Continue', heading);
}

/** A row of the page of answers. */
function row(page: Page, key: string) {
  return page.locator('.nhsuk-summary-list__row', { has: page.getByText(key, { exact: true }) });
}

test('J19 to J33, V12: one person is added, from the address to the invitation', async ({ app, as, mail, visitor }) => {
  test.slow();
  const page = await as(DEMO.sam);
  const tag = app.newCode().toLowerCase();
  const address = `jo.${tag}@nhs.net`;
  await start(app, page, 'rx1');
  await look(page, 'add-email');
  await page.getByRole('button', { name: 'Continue' }).click();
  await expect(page.locator(summary)).toContainText('Enter an email address');
  await hydrated(page);
  await page.locator('input[name=email]').fill('jo@nhs');
  await page.getByRole('button', { name: 'Continue' }).click();
  await expect(page.locator(summary)).toContainText('Enter an email address in the correct format, like name@nhs.net');
  await expect(page.locator('input[name=email]')).toHaveValue('jo@nhs');
  await hydrated(page);
  await look(page, 'add-email-error');
  // As it comes out of Outlook: the name is there already on the next page.
  await email(page, `Jo Marsh <${address}>`, /Who are they|Enter/);
  await expect(page.locator('h1')).toContainText('Who are they?');
  await expect(page.getByLabel('First name')).toHaveValue('Jo');
  await page.getByLabel('First name').fill('');
  await page.getByLabel(/^Notes/).fill('Starts on the ward in January');
  await page.getByRole('button', { name: 'Continue' }).click();
  await expect(page.locator(summary)).toContainText('Enter a first name');
  await hydrated(page);
  await expect(page.getByLabel(/^Notes/)).toHaveValue('Starts on the ward in January');
  await look(page, 'add-details-error');
  await page.getByLabel('First name').fill('Joanna');
  await go(page, 'Continue', 'What role will they have?');
  await look(page, 'add-role');
  await page.getByRole('button', { name: 'Continue', exact: true }).click();
  await expect(page.locator(summary)).toContainText('Select a role');
  await hydrated(page);
  await page.getByLabel('Contributor', { exact: true }).check();
  await go(page, 'Continue', 'Where do they need access?');
  await look(page, 'add-areas');
  await page.getByLabel(/^All of /).check();
  await go(page, 'Continue', 'Check and send invitation');
  await expect(row(page, 'Name')).toContainText('Joanna Marsh');
  await expect(row(page, 'Notes')).toContainText('Starts on the ward in January');
  await expect(row(page, 'When')).toContainText('At once, without an end');
  await page.getByText('Preview the email').click();
  await expect(page.locator('.app-email-preview')).toContainText('Your role is Contributor');
  await look(page, 'add-check');
  expect(await mail.to(address)).toEqual([]);

  // J29: each answer can be changed, and the others are kept.
  await page.getByRole('link', { name: /^Change when they have/ }).click();
  await expect(page.locator('h1')).toContainText('When will they have this role?');
  await hydrated(page);
  const group = page.getByRole('group', { name: 'What is the last day?' });
  await group.getByLabel('Day').fill('31');
  await group.getByLabel('Month').fill('2');
  await group.getByLabel('Year').fill('2027');
  await page.getByRole('button', { name: 'Continue' }).click();
  await expect(page.locator(summary)).toContainText('End date must be a real date');
  await hydrated(page);
  await look(page, 'add-dates-error');
  await group.getByLabel('Month').fill('3');
  await go(page, 'Continue', 'Check and send invitation');
  await expect(row(page, 'When')).toContainText('Until 31 March 2027');
  await page.getByRole('link', { name: 'Change role Contributor' }).click();
  await expect(page.locator('h1')).toContainText('What role will they have?');
  await hydrated(page);
  await expect(page.getByLabel('Contributor', { exact: true })).toBeChecked();
  await page.getByLabel('Viewer', { exact: true }).check();
  await go(page, 'Continue', 'Check and send invitation');
  await expect(row(page, 'Role')).toContainText('Viewer');
  await expect(row(page, 'Name')).toContainText('Joanna Marsh');
  const check = page.url();
  await go(page, 'Send invitation', 'Invitation sent to Joanna Marsh');
  await look(page, 'added');

  // Opened again, the page leads to what came of it (R98).
  await app.open(page, check);
  await expect(page).toHaveURL(/\/done$/);
  await hydrated(page);
  await page.getByRole('link', { name: 'View Joanna Marsh' }).click();
  await expect(page.locator('.app-user-status')).toContainText('Invited on');
  await expect(page.locator('main')).toContainText('Starts on the ward in January');
  await hydrated(page);
  await look(page, 'person-pending');

  // B13, B14: the invited person finds their name, and the email is theirs.
  const invited = await visitor();
  const message = await mail.latest(address, { about: 'invited' });
  await app.open(invited, link(message));
  await expect(invited.locator('main')).toContainText('Until 31 March 2027');
  await go(invited, 'Accept invitation', 'Your details');
  await expect(invited.getByLabel('First name')).toHaveValue('Joanna');
  expect(await mail.to(address)).toHaveLength(1);
});

test('J21, J22, J23, C22: what is true of an address has its page', async ({ app, as }) => {
  const page = await as(DEMO.sam);
  await start(app, page, 'rx1');
  // Somebody of another organisation: recognised by name, and not told where they are.
  await email(page, DEMO.margaret.email, 'Check this is the user you want to add');
  await expect(page.locator('main')).toContainText('You can still add them as a user to your organisation');
  await expect(page.locator('main')).toContainText('Margaret Ellison');
  await expect(page.locator('main')).not.toContainText('Rosebush');
  await look(page, 'add-existing-person');
  await go(page, 'Yes, continue', 'What role will they have?');
  await page.getByRole('link', { name: 'Back', exact: true }).click();
  await expect(page.locator('h1')).toContainText('Check this is the user you want to add');
  await hydrated(page);
  await page.getByRole('link', { name: 'No, use a different email address' }).click();
  await expect(page.locator('h1')).toContainText('What is their email address?');
  await hydrated(page);

  await email(page, DEMO.kwame.email, 'Kwame Boateng already has access');
  // One role for each person here.
  await expect(page.getByRole('button', { name: 'Change role' })).toBeVisible();
  await look(page, 'add-already-here');
  await page.getByRole('link', { name: 'No, use a different email address' }).click();
  await expect(page.locator('h1')).toContainText('What is their email address?');
  await hydrated(page);
  // One's own address: nobody gives themselves a role (J36).
  await email(page, DEMO.sam.email, 'Sam Okoro already has access');
  await expect(page.getByRole('button', { name: 'Change role' })).toHaveCount(0);
  await page.getByRole('link', { name: 'Back', exact: true }).click();
  await expect(page.locator('h1')).toContainText('What is their email address?');
  await hydrated(page);

  // Mistyped: asked before anything else (6.6).
  const tag = app.newCode().toLowerCase();
  await email(page, `amy.${tag}@nhs.ent`, `Is amy.${tag}@nhs.ent correct?`);
  await look(page, 'add-mistyped');
  await go(page, `Use amy.${tag}@nhs.net`, 'Who are they?');
  await expect(page.locator('main')).toContainText(`amy.${tag}@nhs.net`);
  await page.getByRole('link', { name: 'Back', exact: true }).click();
  await expect(page.locator('h1')).toContainText('What is their email address?');
  await hydrated(page);
  // V16: a variant of an address that is known.
  await email(page, 'margaret.ellison+rx1@rosebush.example', 'You do not need a different email address');
  await look(page, 'add-variant');
  await go(page, `Use ${DEMO.margaret.email}`, 'Check this is the user you want to add');
  await page.getByRole('link', { name: 'Cancel adding this user' }).click();
  await expect(page.locator('h1')).toContainText('Users');
});

test('V02 to V05: a pharmacy asks whether they are a registered clinician', async ({ app, as }) => {
  const page = await as(DEMO.patrick);
  const tag = app.newCode().toLowerCase();
  await start(app, page, 'fgp');
  await expect(page.locator('main')).toContainText('It must end in');
  await page.locator('input[name=email]').fill(`ann.${tag}@evilnhs.uk`);
  await page.getByRole('button', { name: 'Continue' }).click();
  await expect(page.locator(summary)).toContainText("Email address must end in one of your organisation's allowed domains");
  await hydrated(page);
  await email(page, `ann.${tag}@nhs.net`, 'Who are they?');
  await page.getByLabel('First name').fill('Ann');
  await page.getByLabel('Last name').fill('Price');
  await page.getByRole('button', { name: 'Continue' }).click();
  await expect(page.locator(summary)).toContainText('Select yes if they are a registered clinician');
  await hydrated(page);
  await expect(page.getByLabel('First name')).toHaveValue('Ann');
  await page.getByLabel('Yes', { exact: true }).check();
  await look(page, 'add-clinician');
  await go(page, 'Continue', 'What role will they have?');
  await page.getByLabel('Recorder', { exact: true }).check();
  await go(page, 'Continue', 'Check and send invitation');
  await expect(row(page, 'Registered clinician')).toContainText('Yes');
  await go(page, 'Send invitation', 'Invitation sent to Ann Price');
  // V23: and it can be changed once they are there; of somebody who is.
  await app.open(page, '/o/fgp/users?q=hartley&status=all');
  await page.locator('tbody').getByRole('link', { name: 'Connor Hartley', exact: true }).click();
  await expect(page.locator('main')).toContainText('Registered clinician');
  await hydrated(page);
  await page.getByRole('link', { name: 'Change clinician status' }).click();
  await expect(page.locator('h1')).toContainText('Change Connor Hartley’s details');
  await hydrated(page);
  await page.getByLabel('No', { exact: true }).check();
  await go(page, 'Continue', 'Check the changes to Connor Hartley’s details');
  await expect(page.getByRole('row', { name: /Registered clinician/ })).toContainText('No');
  await page.getByRole('button', { name: 'Save changes' }).click();
  await expect(page.locator('.nhsuk-notification-banner--success')).toContainText('You have changed Connor Hartley’s details');
  await hydrated(page);
  await page.getByRole('button', { name: /^Undo/ }).click();
  await expect(page.locator('.nhsuk-notification-banner--success')).toContainText('You undid the change');
});

test('R98: the last page posted twice adds one person and sends one email', async ({ app, as, mail }) => {
  const page = await as(DEMO.sam);
  const address = `dot.${app.newCode().toLowerCase()}@nhs.net`;
  await start(app, page, 'rx1');
  await email(page, address, 'Who are they?');
  await page.getByLabel('First name').fill('Dot');
  await page.getByLabel('Last name').fill('Lamb');
  await go(page, 'Continue', 'What role will they have?');
  // C20: no role yet.
  await go(page, 'Continue without a role', 'Check and send invitation');
  await expect(page.locator('main')).toContainText('No role yet');
  await look(page, 'add-check-no-role');
  // The second press comes before the first has an answer.
  await page.getByRole('button', { name: 'Send invitation' }).dblclick();
  await expect(page.locator('h1')).toContainText('Invitation sent to Dot Lamb');
  await mail.latest(address, { about: 'invited' });
  expect(await mail.to(address)).toHaveLength(1);
});
