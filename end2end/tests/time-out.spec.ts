import { DEMO, expect, go, look, newestCode, sent, signIn, startInviting, test } from '../support';

test('T-TIM-02: what was typed when the session ended is there after signing in', async ({ app, page, mail }) => {
  const person = DEMO.sam;
  await signIn(app, page, mail, person);
  await startInviting(app, page, person.slug);
  const box = page.locator('textarea[name=emails]');
  const typed = 'jane.carlton@nhs.net\nsam.okoro@nhs';
  await box.fill(typed);
  app.server.change(`UPDATE sessions SET expires_at = last_seen_at WHERE id = (
    SELECT id FROM sessions WHERE user_id = (SELECT id FROM users WHERE email = :email) ORDER BY created_at DESC LIMIT 1)`, {
    email: person.email,
  });
  await page.getByRole('button', { name: 'Continue' }).click();
  await expect(page.locator('h1')).toHaveText('You have been signed out');
  await expect(page.locator('main')).toContainText(
    'We logged you out because you had not done anything for 30 minutes. Your answers are saved.',
  );
  await look(page, 'timed-out');
  await go(page, 'Sign in and continue', 'Sign in');
  const before = await sent(mail, person);
  await page.getByLabel('Email address').fill(person.email);
  await page.getByLabel('Password', { exact: true }).fill(person.password);
  await go(page, 'Sign in', 'Check your');
  await page.getByLabel('Code', { exact: true }).fill(await newestCode(mail, person, before));
  await go(page, 'Continue', 'Who do you want to invite?');
  await expect(box).toHaveValue(typed);
  await go(page, 'Continue', 'Check these email addresses');
});
