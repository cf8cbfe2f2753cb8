import { type App, DEMO, expect, go, hydrated, link, look, type Page, type Person, test } from '../support';

/** Opens the page of a person by way of the list. */
async function find(app: App, page: Page, name: string, slug = 'rx1') {
  await app.open(page, `/o/${slug}/users?q=${encodeURIComponent(name)}&status=all`);
  await page.locator('tbody').getByRole('link', { name, exact: true }).click();
  await expect(page.locator('.app-user-status')).toBeVisible();
  await hydrated(page);
}

/** Somebody of the demo, by their address. */
function person(email: string): Person {
  return { ...DEMO.kwame, email };
}

const banner = '.nhsuk-notification-banner--success';

test('J42 to J51: somebody is deactivated, that is undone, and they are reactivated', async ({ app, as, mail }) => {
  const page = await as(DEMO.sam);
  const thomas = 'thomas.whitfield@hollybrook.example';
  await find(app, page, 'Thomas Whitfield');
  await look(page, 'person-active');
  await page.getByRole('link', { name: 'Deactivate Thomas Whitfield' }).click();
  await expect(page.locator('h1')).toHaveText('Are you sure you want to deactivate Thomas Whitfield’s account?');
  await hydrated(page);
  await page.getByRole('button', { name: 'Save and continue' }).click();
  await expect(page.locator('.nhsuk-error-summary')).toContainText('Select yes if you want to deactivate this account');
  await hydrated(page);
  await page.getByLabel('Yes', { exact: true }).check();
  await page.getByRole('button', { name: 'Save and continue' }).click();
  await expect(page.locator('.nhsuk-error-summary')).toContainText('Select why you are deactivating this account');
  await hydrated(page);
  await expect(page.getByLabel('Yes', { exact: true })).toBeChecked();
  await page.getByLabel('On leave').check();
  await look(page, 'deactivate');
  await page.getByRole('button', { name: 'Save and continue' }).click();
  await expect(page.locator('h1')).toHaveText('Account deactivated');
  await hydrated(page);
  await look(page, 'deactivated');
  await page.getByRole('button', { name: /^Undo/ }).click();
  await expect(page.locator(banner)).toContainText('You undid the change to Thomas Whitfield');
  await expect(page.locator('.app-user-status')).toContainText('Active');
  await hydrated(page);

  await page.getByRole('link', { name: 'Deactivate Thomas Whitfield' }).click();
  await expect(page.locator('h1')).toContainText('Are you sure');
  await hydrated(page);
  await page.getByLabel('Yes', { exact: true }).check();
  await page.getByLabel('Another reason').check();
  await page.getByLabel('Reason', { exact: true }).fill('Moved to another trust');
  await go(page, 'Save and continue', 'Account deactivated');
  await page.getByRole('link', { name: 'View Thomas Whitfield' }).click();
  await expect(page.locator('.app-user-status')).toContainText('Deactivated by Sam Okoro');
  await expect(page.locator('.app-user-status')).toContainText('moved to another trust');
  await hydrated(page);
  await look(page, 'person-inactive');
  await page.getByRole('button', { name: 'Reactivate' }).click();
  await expect(page.locator('h1')).toHaveText('Are you sure you want to reactivate Thomas Whitfield’s account?');
  await hydrated(page);
  await page.getByLabel('Yes', { exact: true }).check();
  await page.getByLabel('Same access as before').check();
  await look(page, 'reactivate');
  await go(page, 'Save and continue', 'Account reactivated');
  await look(page, 'reactivated');
  // Quick changes are told once they are two minutes old; nothing was sent of what was undone.
  expect(await mail.to(thomas)).toHaveLength(0);
});

test('J51: somebody comes back with another role', async ({ app, as }) => {
  const page = await as(DEMO.sam);
  await find(app, page, 'Rhys Llewellyn');
  await page.getByRole('link', { name: 'Deactivate Rhys Llewellyn' }).click();
  await expect(page.locator('h1')).toContainText('Are you sure');
  await hydrated(page);
  await page.getByLabel('Yes', { exact: true }).check();
  await page.getByLabel('Changed job').check();
  await go(page, 'Save and continue', 'Account deactivated');
  await page.getByRole('link', { name: 'View Rhys Llewellyn' }).click();
  await expect(page.locator('.app-user-status')).toContainText('changed job');
  await hydrated(page);
  await page.getByRole('button', { name: 'Reactivate' }).click();
  await expect(page.locator('h1')).toContainText('Are you sure');
  await hydrated(page);
  await page.getByLabel('Yes', { exact: true }).check();
  await page.getByLabel('Choose new access').check();
  await go(page, 'Save and continue', 'What access will Rhys Llewellyn have?');
  await look(page, 'reactivate-as');
  await page.getByLabel('Contributor', { exact: true }).check();
  await page.getByLabel('Ward 7', { exact: true }).check();
  await go(page, 'Reactivate Rhys Llewellyn', 'Account reactivated');
  await page.getByRole('link', { name: 'View Rhys Llewellyn' }).click();
  await expect(page.locator('main')).toContainText('Contributor');
  await expect(page.locator('main')).toContainText('Ward 7');
});

test('A10, A11, E4: a role is changed with areas and a last day, undone, and removed', async ({ app, as }) => {
  const page = await as(DEMO.sam);
  await find(app, page, 'Chloe Bennett');
  await page.getByRole('link', { name: 'Change role Contributor' }).click();
  await expect(page.locator('h1')).toHaveText('Change what Chloe Bennett can do');
  await hydrated(page);
  await page.getByLabel('Viewer', { exact: true }).check();
  await page.getByLabel('Ward 3', { exact: true }).check();
  await page.getByText('Set a start or an end date').click();
  const last = page.getByRole('group', { name: 'What is the last day?' });
  await last.getByLabel('Day').fill('31');
  await last.getByLabel('Month').fill('2');
  await last.getByLabel('Year').fill('2027');
  await page.getByRole('button', { name: 'Save changes' }).click();
  await expect(page.locator('.nhsuk-error-summary')).toContainText('End date must be a real date');
  await hydrated(page);
  await look(page, 'role-change-error');
  await expect(page.getByLabel('Viewer', { exact: true })).toBeChecked();
  await expect(page.getByLabel('Ward 3', { exact: true })).toBeChecked();
  await last.getByLabel('Day').fill('28');
  await page.getByRole('button', { name: 'Save changes' }).click();
  await expect(page.locator(banner)).toContainText('You changed Chloe Bennett’s role');
  await expect(page.locator('main')).toContainText('Until 28 February 2027');
  await hydrated(page);
  await look(page, 'person-changed');
  await page.getByRole('button', { name: 'Undo (change Chloe Bennett back to Contributor)' }).click();
  await expect(page.locator(banner)).toContainText('You undid the change to Chloe Bennett');
  await expect(page.locator('main')).not.toContainText('Until 28 February 2027');
  await hydrated(page);
  await page.getByRole('link', { name: 'Remove role Contributor' }).click();
  await expect(page.locator('h1')).toHaveText('Remove Contributor from Chloe Bennett');
  await hydrated(page);
  await look(page, 'role-remove');
  await page.getByRole('button', { name: 'Remove role' }).click();
  await expect(page.locator(banner)).toContainText('You removed a role from Chloe Bennett');
  await expect(page.locator('main')).toContainText('No role yet.');
  await hydrated(page);
  await page.getByRole('button', { name: 'Add a role' }).click();
  await expect(page.locator('h1')).toHaveText('Add a role for Chloe Bennett');
  await hydrated(page);
  await page.getByRole('button', { name: 'Continue' }).click();
  await expect(page.locator('.nhsuk-error-summary')).toContainText('Select a role');
  await hydrated(page);
  await look(page, 'role-add-error');
  await page.getByLabel('Viewer', { exact: true }).check();
  await page.getByLabel('Ward 4', { exact: true }).check();
  await go(page, 'Continue', 'Check and give Chloe Bennett the role Viewer');
  await expect(page.locator('main')).toContainText('Ward 4');
  await look(page, 'role-add-check');
  await page.getByRole('button', { name: 'Give this role' }).click();
  await expect(page.locator(banner)).toContainText('You gave Chloe Bennett another role');
});

test('J36 to J41: details are changed after old and new were seen', async ({ app, as }) => {
  const page = await as(DEMO.sam);
  await find(app, page, 'Zoë Lindqvist');
  await page.getByRole('link', { name: 'Change name' }).click();
  await expect(page.locator('h1')).toHaveText('Change Zoë Lindqvist’s details');
  await hydrated(page);
  await page.getByLabel('Last name').fill('');
  await page.getByRole('button', { name: 'Continue' }).click();
  await expect(page.locator('.nhsuk-error-summary')).toContainText('Enter a last name');
  await hydrated(page);
  await look(page, 'details-error');
  await page.getByLabel('Last name').fill('Lindqvist-Marsh');
  await go(page, 'Continue', 'Check the changes to Zoë Lindqvist’s details');
  await expect(page.locator('tbody')).toContainText('Lindqvist-Marsh');
  await look(page, 'details-check');
  await page.getByRole('link', { name: 'Change what you entered' }).click();
  await expect(page.locator('h1')).toHaveText('Change Zoë Lindqvist’s details');
  await hydrated(page);
  await expect(page.getByLabel('Last name')).toHaveValue('Lindqvist-Marsh');
  await page.getByLabel('Last name').fill('Marsh');
  await go(page, 'Continue', 'Check the changes to Zoë Lindqvist’s details');
  await page.getByRole('button', { name: 'Save changes' }).click();
  await expect(page.locator(banner)).toContainText('You have changed Zoë Marsh’s details');
  await expect(page.locator('h1')).toContainText('Zoë Marsh');
  await hydrated(page);
  await page.getByRole('button', { name: /^Undo/ }).click();
  await expect(page.locator('h1')).toContainText('Zoë Lindqvist');
});

test('R56, V26: who is deactivated is out at the next request', async ({ app, as }) => {
  const ingrid = await as(person('ingrid.sorensen@hollybrook.example'));
  await app.open(ingrid, '/o/rx1/roles');
  await expect(ingrid.locator('h1')).toContainText('Roles');
  const page = await as(DEMO.sam);
  await find(app, page, 'Ingrid Sørensen');
  await page.getByRole('link', { name: 'Deactivate Ingrid Sørensen' }).click();
  await expect(page.locator('h1')).toContainText('Are you sure');
  await hydrated(page);
  await page.getByLabel('Yes', { exact: true }).check();
  await page.getByLabel('Security concern').check();
  await go(page, 'Save and continue', 'Account deactivated');
  await app.open(ingrid, '/o/rx1/roles');
  await expect(ingrid).toHaveURL(/\/sign-in/);
});

test('J36, J25, R71: nobody changes their own access, and seats are counted', async ({ app, as }) => {
  const page = await as(DEMO.josephine);
  await find(app, page, 'Josephine Adu', 'rj1');
  await expect(page.locator('main')).toContainText('This is you. Another administrator must change your access.');
  await expect(page.getByRole('link', { name: /^(Change|Remove) role/ })).toHaveCount(0);
  await look(page, 'person-own');
  await find(app, page, 'Zainab Osman', 'rj1');
  await page.getByRole('link', { name: /^Change role/ }).click();
  await expect(page.locator('main')).toContainText('You can only have 7 super users. 2 of 7 places left');
  await hydrated(page);
  await look(page, 'role-change-seats');
});

test('E4: a role with which others are managed is given with a reason', async ({ app, as }) => {
  const page = await as(DEMO.sam);
  await find(app, page, 'Mohammed Iqbal');
  await page.getByRole('link', { name: 'Change role Contributor' }).click();
  await expect(page.locator('h1')).toHaveText('Change what Mohammed Iqbal can do');
  await hydrated(page);
  await page.getByLabel('Administrator', { exact: true }).check();
  await page.getByLabel('Cardiology', { exact: true }).uncheck();
  await page.getByLabel(/^All of Hollybrook Hospital/).check();
  await page.getByRole('button', { name: 'Save changes' }).click();
  await expect(page.locator('h1')).toHaveText('Check and give Mohammed Iqbal the role Administrator');
  await hydrated(page);
  await look(page, 'role-check');
  await page.getByRole('button', { name: 'Give this role' }).click();
  await expect(page.locator('.nhsuk-error-summary')).toContainText('Enter why they need this role');
  await hydrated(page);
  await page.getByLabel('Why do they need this role?').fill('Covers for Priya in January');
  await page.getByRole('button', { name: 'Give this role' }).click();
  await expect(page.locator(banner)).toContainText('You changed Mohammed Iqbal’s role');
  await expect(page.locator('main')).toContainText('Administrator');
  await hydrated(page);
  await page.getByRole('button', { name: /^Undo/ }).click();
  await expect(page.locator(banner)).toContainText('You undid the change to Mohammed Iqbal');
});

test('E3: an address is corrected before the person has registered', async ({ app, as, mail, visitor }) => {
  const page = await as(DEMO.sam);
  await find(app, page, 'Catherine Doyle');
  await look(page, 'person-pending');
  await page.getByRole('link', { name: 'Change email address' }).click();
  await expect(page.locator('h1')).toHaveText('Correct this email address');
  await hydrated(page);
  await page.getByLabel('What is their email address?').fill('catherine.doyle@hollybrook');
  await page.getByRole('button', { name: 'Send invitation' }).click();
  await expect(page.locator('.nhsuk-error-summary')).toContainText('Enter an email address in the correct format');
  await hydrated(page);
  await look(page, 'correct-email-error');
  const corrected = `cath.doyle.${app.newCode().toLowerCase()}@hollybrook.example`;
  await page.getByLabel('What is their email address?').fill(corrected);
  await page.getByRole('button', { name: 'Send invitation' }).click();
  await expect(page.locator('main')).toContainText(corrected);
  await hydrated(page);
  await look(page, 'correct-email-done');
  const person = await visitor();
  await app.open(person, link(await mail.latest(corrected, { about: 'invited' })));
  await expect(person.locator('h1')).toContainText('Hollybrook Hospital');
});

test('E8, R58: somebody is helped to sign in, and signed out everywhere', async ({ app, as, mail }) => {
  const siân = 'sian.prosser@hollybrook.example';
  const theirs = await as(person(siân));
  const page = await as(DEMO.sam);
  await find(app, page, 'Siân Prosser');
  await page.getByRole('link', { name: 'Manage how they sign in' }).click();
  await expect(page.locator('h1')).toHaveText('How Siân Prosser signs in');
  await hydrated(page);
  await look(page, 'person-security');
  await page.getByRole('button', { name: 'Send a password reset' }).click();
  await expect(page.locator('h1')).toHaveText('Send Siân Prosser a password reset');
  await hydrated(page);
  await look(page, 'person-security-reset');
  await page.getByRole('button', { name: 'Send a password reset' }).click();
  await expect(page.locator(banner)).toContainText('We have sent Siân Prosser a link to choose a new password');
  expect(link(await mail.latest(siân))).toContain('/reset-password/');
  await hydrated(page);
  await page.getByRole('button', { name: 'Clear the wait' }).click();
  await expect(page.locator('h1')).toHaveText('Clear the wait of Siân Prosser');
  await hydrated(page);
  await page.getByRole('button', { name: 'Clear the wait' }).click();
  await expect(page.locator(banner)).toContainText('Siân Prosser can try to sign in again now');
  await hydrated(page);
  await page.getByRole('button', { name: 'Sign out everywhere' }).click();
  await expect(page.locator('h1')).toHaveText('Sign Siân Prosser out everywhere');
  await hydrated(page);
  await look(page, 'person-security-sign-out');
  await page.getByRole('button', { name: 'Sign out everywhere' }).click();
  await expect(page.locator(banner)).toContainText('Siân Prosser is signed out everywhere');
  await expect(page.locator('main')).toContainText('Not signed in');
  await app.open(theirs, '/o/rx1');
  await expect(theirs).toHaveURL(/\/sign-in/);
  // R67: whoever manages people elsewhere is not theirs to sign out.
  await find(app, page, 'Arjun Mehta');
  await page.getByRole('link', { name: 'Manage how they sign in' }).click();
  await expect(page.locator('main')).toContainText('They manage people in another organisation.');
  await expect(page.getByRole('button', { name: 'Sign out everywhere' })).toHaveCount(0);
  await look(page, 'person-security-elsewhere');
});

test('J52: Back on a page and Back of the browser lead to the same place', async ({ app, as }) => {
  const page = await as(DEMO.sam);
  await find(app, page, 'Chloe Bennett');
  const person = new URL(page.url()).pathname;
  for (const name of ['Change name', 'Manage how they sign in', 'Deactivate Chloe Bennett']) {
    await app.open(page, person);
    await page.getByRole('link', { name, exact: true }).click();
    await expect(page).not.toHaveURL(new RegExp(`${person}$`));
    await hydrated(page);
    const back = page.locator('.nhsuk-back-link');
    await expect(back).toHaveAttribute('href', person);
    await page.goBack();
    await expect(page).toHaveURL(new RegExp(`${person}$`));
    await expect(page.locator('.app-user-status')).toBeVisible();
  }
});
