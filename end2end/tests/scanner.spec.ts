import { DEMO, expect, go, invite, link, newPerson, test } from '../support';

test('R18: a link scanner that opens everything changes nothing', async ({ app, as, browser, mail, page, request }) => {
  const office = await as(DEMO.sam);
  const { email } = newPerson('rx1', 'email');
  await invite(app, office, 'rx1', { emails: email, role: 'Viewer' });
  const invitation = link(await mail.latest(email, { about: 'invited' }));
  // About this invitation: what other tests have changed is told two minutes later.
  const about = async () => (await mail.all()).filter((message) => message.text.includes(email) || message.to.includes(email)).length;
  const messages = await about();

  // The address alone, as mail gateways ask for it.
  for (const method of ['GET', 'HEAD', 'OPTIONS', 'GET']) {
    const answer = await request.fetch(invitation, { method });
    expect(answer.status(), method).toBeLessThan(500);
  }
  // A browser that runs the scripts, opens every link of the page and every link of those.
  const context = await browser.newContext({ javaScriptEnabled: true });
  const scanner = await context.newPage();
  const seen = new Set<string>();
  let places = [invitation];
  for (let depth = 0; depth < 3; depth += 1) {
    const next: string[] = [];
    for (const place of places) {
      if (seen.has(place) || new URL(place).origin !== app.origin || place.includes('/dev/')) {
        continue;
      }
      seen.add(place);
      await scanner.goto(place, { waitUntil: 'load' });
      next.push(...(await scanner.locator('a[href]').evaluateAll((all) => all.map((a) => (a as HTMLAnchorElement).href))));
    }
    places = next.map((place) => place.replace(/#.*/, ''));
  }
  await scanner.waitForTimeout(500);
  await context.close();
  expect([...seen].some((place) => place.endsWith('/not-for-me'))).toBe(true);

  // The invitation is as it was, nobody got a message, and the person can use it.
  await app.open(office, `/o/rx1/users?q=${encodeURIComponent(email)}`);
  await expect(office.locator('tbody .nhsuk-tag')).toHaveText(['Pending']);
  expect(await about()).toBe(messages);
  await app.open(page, invitation);
  await expect(page.locator('h1')).toHaveText('Hollybrook Hospital has invited you to Lanyard');
  await go(page, 'Accept invitation', 'Your details');
});
