import { allowConsole, expect, look, test } from '../support';

const PAGES = [
  ['/', 'Manage who can use your services'],
  ['/help', 'Help'],
  ['/help/invitations', 'Accept an invitation'],
  ['/help/signing-in', 'Sign in'],
  ['/help/managing-users', 'Manage users'],
  ['/help/keyboard', 'Use the keyboard'],
  ['/contact', 'Contact us'],
  ['/privacy', 'Privacy'],
  ['/cookies', 'Cookies'],
  ['/accessibility-statement', 'Accessibility statement'],
  ['/terms', 'Terms of use'],
  ['/third-party-notices', 'Third-party notices'],
  ['/sign-in', 'Sign in'],
  ['/forgot-password', 'Forgotten password'],
  ['/timed-out', ''],
] as const;

for (const [path, heading] of PAGES) {
  test(`J09: ${path} is complete, accessible and fits every width`, async ({ app, page }) => {
    await app.open(page, path);
    await expect(page.locator('h1')).toContainText(heading);
    await expect(page.locator('footer').getByRole('link')).toHaveText([
      'Help',
      'Contact us',
      'Accessibility statement',
      'Cookies',
      'Privacy',
      'Terms',
      'Third-party notices',
    ]);
    await look(page, `page-${path.slice(1).replaceAll('/', '-') || 'start'}`);
  });
}

test('what is not there says so, with a way on', async ({ app, page }) => {
  allowConsole(page, /status of 404/);
  for (const path of ['/nowhere', '/o/rx1/nowhere', '/invitations/inv_nothing']) {
    const answer = await page.request.get(path);
    expect(answer.status(), path).toBe(404);
    await app.open(page, path);
    await expect(page.locator('h1')).toHaveText('Page not found');
    await expect(page.getByRole('link', { name: 'start page' })).toBeVisible();
  }
  await look(page, 'page-not-found');
});
