import { DEMO, expect, hydrated, type Page, test } from '../support';

/** Presses Tab until what has the focus is what is looked for, as somebody without a mouse does. */
async function tabTo(page: Page, name: string | RegExp) {
  const seen: string[] = [];
  for (let press = 0; press < 100; press += 1) {
    await page.keyboard.press('Tab');
    const focused = await page.evaluate(() => {
      const element = document.activeElement as HTMLInputElement | null;
      const box = element?.getBoundingClientRect();
      return {
        name: element?.labels?.[0]?.innerText ?? element?.innerText ?? '',
        // whatever has the focus can be seen.
        visible: box !== undefined && box.bottom > 0 && box.top < window.innerHeight,
      };
    });
    seen.push(focused.name);
    expect(focused.visible, `${focused.name} has the focus and can be seen`).toBe(true);
    if (typeof name === 'string' ? focused.name.trim() === name : name.test(focused.name)) {
      return;
    }
  }
  throw new Error(`Tab never came to ${name}, but to:\n${seen.join('\n')}`);
}

/** The next page has come, and the focus is on its heading or what stands for it. */
async function arrived(page: Page, heading: string) {
  await expect(page.locator('h1')).toContainText(heading);
  await hydrated(page);
  await expect
    .poll(() => page.evaluate(() => document.activeElement?.tagName))
    .toMatch(/^(H1|MAIN)$/);
}

test('A-07: a whole invitation by keyboard alone', async ({ app, as, mail }) => {
  const page = await as(DEMO.sam);
  const tag = app.newCode().toLowerCase();
  await app.open(page, '/o/rx1/users');
  await page.keyboard.press('Tab');
  await expect(page.getByRole('link', { name: 'Skip to main content' })).toBeFocused();
  await page.keyboard.press('Enter');
  await tabTo(page, 'Add users');
  await page.keyboard.press('Enter');
  await arrived(page, 'How do you want to add users?');

  // Refused: the focus goes to what is wrong, and from there to the question.
  await tabTo(page, 'Continue');
  await page.keyboard.press('Enter');
  await expect(page.locator('.nhsuk-error-summary')).toBeFocused();
  await tabTo(page, 'Select how you want to add users');
  await page.keyboard.press('Enter');
  await expect(page.getByLabel('One person')).toBeFocused();
  await page.keyboard.press('ArrowDown');
  await expect(page.getByLabel('Several people at once')).toBeChecked();
  await tabTo(page, 'Continue');
  await page.keyboard.press('Enter');
  await arrived(page, 'Who do you want to invite?');

  await tabTo(page, /Who do you want to invite/);
  await page.keyboard.type(`ann.${tag}@nhs.net\nbob.${tag}@nhs.ent\nno one`);
  await expect(page.getByRole('button', { name: `Change to bob.${tag}@nhs.net` })).toBeVisible();
  await tabTo(page, `Change to bob.${tag}@nhs.net`);
  await page.keyboard.press('Enter');
  await expect(page.locator('textarea')).toHaveValue(`ann.${tag}@nhs.net\nbob.${tag}@nhs.net\nno one`);
  await tabTo(page, 'Continue');
  await page.keyboard.press('Enter');
  await arrived(page, 'Check these email addresses');

  await tabTo(page, /^Do not invite/);
  await page.keyboard.press('Space');
  await tabTo(page, 'Continue');
  await page.keyboard.press('Enter');
  await arrived(page, 'What role will they have?');

  await tabTo(page, 'Contributor');
  await page.keyboard.press('Space');
  await page.keyboard.press('ArrowDown');
  await expect(page.getByLabel('Viewer', { exact: true })).toBeChecked();
  await tabTo(page, 'Continue');
  await page.keyboard.press('Enter');
  await arrived(page, 'Where do they need access?');

  await tabTo(page, 'Medicine');
  await page.keyboard.press('Space');
  await expect(page.getByLabel('Medicine', { exact: true })).toBeChecked();
  await tabTo(page, 'Continue');
  await page.keyboard.press('Enter');
  await arrived(page, 'Do you want to add a message');

  await tabTo(page, /Do you want to add a message/);
  await page.keyboard.type('Hello');
  await tabTo(page, 'Continue');
  await page.keyboard.press('Enter');
  await arrived(page, 'Check and send 2 invitations');

  await tabTo(page, 'Send 2 invitations');
  await page.keyboard.press('Space');
  await expect(page.locator('h1')).toHaveText('2 invitations sent');
  await mail.latest(`ann.${tag}@nhs.net`);
  await mail.latest(`bob.${tag}@nhs.net`);
});

test('A-07: a role is changed, that is undone, and an account is deactivated by keyboard alone', async ({ app, as }) => {
  const page = await as(DEMO.sam);
  const banner = page.locator('.nhsuk-notification-banner--success');
  await app.open(page, '/o/rx1/users?q=David+MacLeod');
  await tabTo(page, 'David MacLeod');
  await page.keyboard.press('Enter');
  await arrived(page, 'David MacLeod');
  await tabTo(page, /^Change\s+role Manager/);
  await page.keyboard.press('Enter');
  await arrived(page, 'Change what David MacLeod can do');

  await tabTo(page, 'Manager');
  await page.keyboard.press('ArrowDown');
  await expect(page.getByLabel('Contributor', { exact: true })).toBeChecked();
  await tabTo(page, 'Save changes');
  await page.keyboard.press('Enter');
  await expect(banner).toContainText('You changed David MacLeod’s role');
  await expect(banner).toBeFocused();
  await hydrated(page);
  await tabTo(page, /^Undo/);
  await page.keyboard.press('Enter');
  await expect(banner).toContainText('You undid the change to David MacLeod');
  await expect(banner).toBeFocused();
  await hydrated(page);

  await tabTo(page, 'Deactivate David MacLeod');
  await page.keyboard.press('Enter');
  await arrived(page, 'Are you sure you want to deactivate David MacLeod’s account?');
  await tabTo(page, 'Yes');
  await page.keyboard.press('Space');
  await tabTo(page, 'Left the organisation');
  await page.keyboard.press('Space');
  await tabTo(page, 'Save and continue');
  await page.keyboard.press('Enter');
  await arrived(page, 'Account deactivated');
});

test('A-07: one person is added by keyboard alone', async ({ app, as, mail }) => {
  const page = await as(DEMO.sam);
  const address = `kim.${app.newCode().toLowerCase()}@nhs.net`;
  await app.open(page, '/o/rx1/users/add');
  await tabTo(page, 'One person');
  await page.keyboard.press('Space');
  await tabTo(page, 'Continue');
  await page.keyboard.press('Enter');
  await arrived(page, 'What is their email address?');
  await tabTo(page, /What is their email address/);
  await page.keyboard.type(address);
  await page.keyboard.press('Enter');
  await arrived(page, 'Who are they?');
  await tabTo(page, 'First name');
  await page.keyboard.type('Kim');
  await tabTo(page, 'Last name');
  await page.keyboard.type('Lowe');
  await tabTo(page, 'Continue');
  await page.keyboard.press('Enter');
  await arrived(page, 'What role will they have?');
  await tabTo(page, 'Contributor');
  await page.keyboard.press('Space');
  await tabTo(page, 'Continue');
  await page.keyboard.press('Enter');
  await arrived(page, 'Where do they need access?');
  await tabTo(page, 'Medicine');
  await page.keyboard.press('Space');
  await tabTo(page, 'Continue');
  await page.keyboard.press('Enter');
  await arrived(page, 'Check and send invitation');
  await tabTo(page, 'Send invitation');
  await page.keyboard.press('Enter');
  await expect(page.locator('h1')).toContainText('Invitation sent');
  await mail.latest(address);
});
