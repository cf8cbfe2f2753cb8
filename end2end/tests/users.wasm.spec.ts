import { DEMO, expect, expectAccessible, test } from '../support';

test('J13: results follow the typing', async ({ app, as }) => {
  const page = await as(DEMO.margaret);
  await app.open(page, '/o/rx2/users');
  const box = page.getByLabel('Search by name or email address');
  await box.pressSequentially('stone', { delay: 30 });
  await expect(page.locator('tbody th a')).toHaveText(['Emilia Stone', 'Emily Stone']);
  await expect(page).toHaveURL(/\?q=stone$/);
  await expect(box).toBeFocused();
  await expect(page.locator('main [role=status]').first()).toHaveText('2 users found');
  await expectAccessible(page);
});
