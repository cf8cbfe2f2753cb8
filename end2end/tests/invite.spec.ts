import { readFile } from 'node:fs/promises';
import { DEMO, expect, go, hydrated, links, look, shot, startInviting, test, withWasm } from '../support';

/** 12 good addresses in every form that people paste, 1 of them twice, and 5 lines that need checking. */
function pasted(tag: string): string {
  return [
    `amy.${tag}@nhs.net, ben.${tag}@nhs.net`,
    `"Carlton, Cara" <cara.${tag}@nhs.net>; Dev Patel <dev.${tag}@nhs.net>`,
    `Eve Stone\teve.${tag}@nhs.net`,
    `1. fay.${tag}@nhs.net`,
    `• gus.${tag}@nhs.net`,
    `mailto:hal.${tag}@nhs.net`,
    `ida.${tag}@nhs.net jon.${tag}@nhs.net`,
    `kim.${tag}@nhs.net;`,
    `lou.${tag}@nhs.net`,
    `amy.${tag}@nhs.net`,
    `mia.${tag}@nhs.ent`,
    `ned.${tag}nhs.net`,
    `oli.${tag}@nhs`,
    `pam@${tag}@nhs.net`,
    `quinn.${tag}@nhs.nett`,
  ].join('\n');
}

test('B01 to B11: 12 good and 5 bad addresses are mended, sent and accounted for', async ({ app, as, mail }) => {
  // The longest journey of all.
  test.slow();
  const page = await as(DEMO.sam);
  const tag = app.newCode().toLowerCase();
  const summary = page.locator('.nhsuk-error-summary');
  await app.open(page, '/o/rx1/users');
  await page.getByRole('button', { name: 'Add users' }).click();
  await expect(page.locator('h1')).toHaveText('How do you want to add users?');
  await hydrated(page);
  await look(page, 'add-users');
  await page.getByRole('button', { name: 'Continue' }).click();
  await expect(summary).toContainText('Select how you want to add users');
  await expect(page).toHaveTitle(/^Error: /);
  await page.getByLabel('Several people at once').check();
  await go(page, 'Continue', 'Who do you want to invite?');

  // Who
  const box = page.locator('textarea[name=emails]');
  await page.getByRole('button', { name: 'Continue' }).click();
  await expect(summary).toContainText('Enter at least 1 email address');
  await look(page, 'invite-emails-empty');
  await box.fill('nobody\nnowhere');
  if (withWasm()) {
    // The list of lines moves the button: nobody presses while it comes.
    await expect(page.locator('#emails-problems')).toContainText('nowhere');
  }
  await page.getByRole('button', { name: 'Continue' }).click();
  await expect(summary).toContainText('Enter at least 1 email address in the correct format, like name@nhs.net');
  await expect(box).toHaveValue('nobody\nnowhere');
  await box.fill(pasted(tag));
  if (withWasm()) {
    // B04: the count says what Continue will find.
    await expect(page.locator('#emails-count')).toHaveText(
      '12 email addresses recognised. 1 is repeated. 5 lines need checking.',
    );
    await expect(page.locator('#emails-status')).toHaveText(/12 email addresses recognised/);
    await expect(page.locator('#emails-problems')).toContainText('looks mistyped');
    await expect(page.getByRole('button', { name: `Change to mia.${tag}@nhs.net` })).toBeVisible();
  }
  await look(page, 'invite-emails');
  await go(page, 'Continue', 'Check these email addresses');

  // Problems: nothing was sent, and the good ones are kept.
  await expect(page.locator('main')).toContainText('12 people ready to invite');
  await expect(page.locator('main')).toContainText('5 lines need checking');
  await expect(page.locator('main')).toContainText('1 repeated address: we will use it once.');
  await look(page, 'invite-problems');
  expect(await mail.to(`.${tag}@`)).toEqual([]);
  await page.getByRole('button', { name: 'Continue' }).click();
  // In the order of the page.
  const format = 'Enter an email address in the correct format, like name@nhs.net';
  const choose = 'Select what to do with this email address';
  await expect(summary.getByRole('link')).toHaveText([
    `Line 11: ${choose}`,
    `Line 12: ${format}`,
    `Line 13: ${choose}`,
    `Line 14: ${format}`,
    `Line 15: ${choose}`,
  ]);
  await expect(page).toHaveTitle(/^Error: /);
  await look(page, 'invite-problems-errors');
  const line = (number: number) => page.getByRole('group', { name: `Line ${number}`, exact: true });
  await line(11).getByLabel(`Use mia.${tag}@nhs.net`).check();
  await page.getByLabel('Line 12', { exact: true }).fill(`ned.${tag}@nhs.net`);
  await line(13).getByLabel('Enter a different email address').check();
  await line(13).getByLabel('Email address', { exact: true }).fill(`oli.${tag}@`);
  await page.getByLabel('Do not invite (line 14)').check();
  await line(15).getByLabel('Do not invite').check();
  await page.getByRole('button', { name: 'Continue' }).click();
  await expect(summary.getByRole('link')).toHaveText([
    'Line 13: Enter an email address in the correct format, like name@nhs.net',
  ]);
  // Nothing that was typed is lost.
  await expect(line(11).getByLabel(`Use mia.${tag}@nhs.net`)).toBeChecked();
  await expect(page.getByLabel('Line 12', { exact: true })).toHaveValue(`ned.${tag}@nhs.net`);
  await expect(line(13).getByLabel('Email address', { exact: true })).toHaveValue(`oli.${tag}@`);
  await expect(page.getByLabel('Do not invite (line 14)')).toBeChecked();
  await expect(line(15).getByLabel('Do not invite')).toBeChecked();
  await line(13).getByLabel('Email address', { exact: true }).fill(`oli.${tag}@nhs.net`);
  await go(page, 'Continue', 'What role will they have?');

  // Role (B05)
  await look(page, 'invite-role');
  await page.getByRole('button', { name: 'Continue' }).click();
  await expect(summary).toContainText('Select a role');
  await page.getByLabel('Contributor', { exact: true }).check();
  await go(page, 'Continue', 'Where do they need access?');

  // Areas
  await look(page, 'invite-areas');
  await page.getByRole('button', { name: 'Continue' }).click();
  await expect(summary).toContainText('Select where they need access');
  await page.getByLabel('All of Hollybrook Hospital').check();
  await page.getByLabel('Cardiology', { exact: true }).check();
  await page.getByRole('button', { name: 'Continue' }).click();
  await expect(summary).toContainText('Select areas, or select ‘All of Hollybrook Hospital’');
  await look(page, 'invite-areas-errors');
  await page.getByLabel('All of Hollybrook Hospital').uncheck();
  await page.getByLabel('Surgery', { exact: true }).check();
  await go(page, 'Continue', 'Do you want to add a message');

  // Message
  const message = page.locator('textarea[name=message]');
  await look(page, 'invite-message');
  await message.fill('See https://hospital.example for more');
  await page.getByRole('button', { name: 'Continue' }).click();
  await expect(summary).toContainText('Message must not include a web address');
  await expect(message).toHaveValue('See https://hospital.example for more');
  await message.fill('Welcome to the team.\nSam');
  await go(page, 'Continue', 'Check and send 15 invitations');

  // Check: nothing was sent yet. A change comes back here.
  const answers = page.locator('.nhsuk-summary-list').first();
  await expect(answers).toContainText('15 people');
  await expect(answers).toContainText('Contributor');
  await expect(answers).toContainText('Cardiology');
  await expect(answers).toContainText('Surgery');
  await expect(answers).toContainText('Welcome to the team.');
  await expect(page.locator('main')).toContainText('3 lines will be skipped');
  await page.locator('summary', { hasText: 'Preview the email' }).click();
  await look(page, 'invite-check');
  expect(await mail.to(`.${tag}@`)).toEqual([]);
  await page.getByRole('link', { name: 'Change role' }).click();
  await expect(page.locator('h1')).toContainText('What role will they have?');
  await hydrated(page);
  await expect(page.getByLabel('Contributor', { exact: true })).toBeChecked();
  await page.getByLabel('Viewer', { exact: true }).check();
  // T-FRM-03: the other answers stay.
  await go(page, 'Continue', 'Check and send 15 invitations');
  await expect(answers).toContainText('Viewer');
  await expect(answers).toContainText('Cardiology');
  await expect(answers).toContainText('Welcome to the team.');

  // Send
  await page.getByRole('button', { name: 'Send 15 invitations' }).click();
  await expect(page).toHaveURL(/\/o\/rx1\/jobs\/b-/);
  await shot(page, 'job-sending');
  const job = page.url();
  await expect(async () => {
    await app.open(page, job);
    await expect(page.locator('h1')).toHaveText('15 invitations sent', { timeout: 500 });
    await expect(page.locator('#job-waiting')).toHaveCount(0, { timeout: 500 });
  }).toPass();
  // R97: the outcomes add up to what was entered.
  await expect(page.locator('main')).toContainText('3 lines were skipped');
  const figures = await page.locator('.app-outcome').innerText();
  const numbers = [...figures.matchAll(/\d+/g)].map(Number);
  expect(numbers[0], figures).toBe(18);
  expect(numbers.slice(1).reduce((a, b) => a + b, 0), figures).toBe(18);
  const skipped = page.getByRole('table').filter({ hasText: 'Reason' });
  await expect(skipped).toContainText(`pam@${tag}@nhs.net`);
  await expect(skipped).toContainText('You chose not to invite them');
  await expect(skipped).toContainText('Repeated in your list');
  await look(page, 'job-results');

  // The file has every line (B09).
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'Download results (CSV)' }).click(),
  ]);
  const csv = (await readFile(await download.path(), 'utf8')).trim().split(/\r?\n/);
  expect(csv).toHaveLength(19);
  expect(csv.join('\n')).toContain(`mia.${tag}@nhs.net`);

  // Each got one message, with a link of their own.
  const messages = await mail.to(`.${tag}@`);
  expect(messages).toHaveLength(15);
  expect(new Set(messages.map((one) => one.to)).size).toBe(15);
  expect(new Set(messages.map((one) => links(one)[0])).size).toBe(15);
  expect(messages[0]?.text).toContain('Welcome to the team.');

  // Pending in the list (B19).
  await app.open(page, `/o/rx1/users?q=${tag}`);
  await expect(page.locator('main')).toContainText('Showing 15 users matching');
  await expect(page.locator('tbody .nhsuk-tag')).toHaveText(Array(15).fill('Pending'));

  // B06: the same role and areas again.
  await app.open(page, job);
  await go(page, 'Send more invites', 'Who do you want to invite?');
  await expect(box).toHaveValue('');
  await box.fill(`amy.${tag}@nhs.net\nrae.${tag}@nhs.net`);
  await go(page, 'Continue', 'Check these email addresses');
  await expect(page.locator('main')).toContainText('1 person has already been invited');
  await look(page, 'invite-problems-pending');
  await page.getByLabel('Leave their invitation as it is').check();
  await go(page, 'Continue', 'Do you want to add a message');
  await go(page, 'Continue', 'Check and send invitation');
  await expect(answers).toContainText('Viewer');
  await expect(answers).toContainText('Cardiology');
  await page.getByRole('button', { name: 'Send invitation' }).click();
  await expect(page.locator('h1')).toHaveText('1 invitation sent');
  await app.open(page, '/o/rx1/jobs');
  await expect(page.locator('h1')).toHaveText('Recent bulk work');
  await look(page, 'jobs');
});

test('R98: a form of the last page that is sent twice invites once', async ({ app, as, mail }) => {
  const page = await as(DEMO.sam);
  const tag = app.newCode().toLowerCase();
  await startInviting(app, page, 'rx1');
  await page.locator('textarea[name=emails]').fill(`una.${tag}@nhs.net\nvic.${tag}@nhs.net`);
  await go(page, 'Continue', 'What role will they have?');
  await page.getByLabel('Viewer', { exact: true }).check();
  await go(page, 'Continue', 'Where do they need access?');
  await page.getByLabel('All of Hollybrook Hospital').check();
  await go(page, 'Continue', 'Do you want to add a message');
  await go(page, 'Continue', 'Check and send 2 invitations');
  const check = page.url();
  // The second press comes before the first has an answer.
  await page.getByRole('button', { name: 'Send 2 invitations' }).dblclick();
  await expect(page.locator('h1')).toHaveText('2 invitations sent');
  const job = page.url();
  // Back, and again.
  await app.open(page, check);
  await expect(page).toHaveURL(job);
  await mail.latest(`vic.${tag}@nhs.net`);
  await mail.latest(`una.${tag}@nhs.net`);
  expect(await mail.to(`.${tag}@`)).toHaveLength(2);
  await app.open(page, '/o/rx1/jobs');
  await expect(page.getByRole('link', { name: '2 invitations as Viewer' })).toHaveCount(1);
});

test('R37: what is over the limit of a day is named, and tried again', async ({ app, as, mail }) => {
  const page = await as(DEMO.sam);
  const tag = app.newCode().toLowerCase();
  const perDay = (number: string) =>
    app.server.change(
      `UPDATE organisations SET policy = json_set(policy, '$.bulk_invitations_a_day', ${number}) WHERE slug = 'rx1'`,
    );
  await startInviting(app, page, 'rx1');
  const names = ['wes', 'xia', 'yan', 'zac'];
  await page.locator('textarea[name=emails]').fill(names.map((name) => `${name}.${tag}@nhs.net`).join('\n'));
  await go(page, 'Continue', 'What role will they have?');
  await page.getByLabel('Viewer', { exact: true }).check();
  await go(page, 'Continue', 'Where do they need access?');
  await page.getByLabel('Medicine', { exact: true }).check();
  await go(page, 'Continue', 'Do you want to add a message');
  // 2 more than were invited today.
  perDay(
    '2 + (SELECT count(*) FROM invitations WHERE organisation_id = organisations.id' +
      " AND created_at > strftime('%Y-%m-%dT%H:%M:%f', 'now', '-1 day'))",
  );
  await go(page, 'Continue', 'Check and send 4 invitations');
  await expect(page.locator('main')).toContainText('Your organisation can send 2 more invitations today.');
  await page.getByRole('button', { name: 'Send 4 invitations' }).click();
  await expect(page.locator('h1')).toHaveText('2 of 4 invitations sent');
  await expect(page.locator('main')).toContainText('2 email addresses not sent');
  await expect(page.locator('main')).toContainText('Over today’s limit');
  await look(page, 'job-results-partly');
  perDay('20000');
  await go(page, 'Try the 2 again', 'Check and send 2 invitations');
  await page.getByRole('button', { name: 'Send 2 invitations' }).click();
  await expect(page.locator('h1')).toHaveText('2 invitations sent');
  for (const name of names) {
    await mail.latest(`${name}.${tag}@nhs.net`);
  }
  expect(await mail.to(`.${tag}@`)).toHaveLength(4);
});
