import { allowConsole, DEMO, expect, expectAccessible, invite, link, look, newPerson, test } from '../support';

test('R65: an administrator of another organisation sees nothing of this one', async ({ app, as, mail }) => {
  const sam = await as(DEMO.sam);
  const { email } = newPerson('rx1', 'email');
  await invite(app, sam, 'rx1', { emails: email, role: 'Viewer' });
  const job = sam.url();
  await app.open(sam, `/o/rx1/users?q=${encodeURIComponent(email)}`);
  const person = await sam.getByRole('link', { name: email, exact: true }).getAttribute('href');
  await app.open(sam, '/o/rx1/users/add');
  await sam.getByLabel('Several people at once').check();
  await sam.getByRole('button', { name: 'Continue' }).click();
  await expect(sam.locator('h1')).toContainText('Who do you want to invite?');
  const draft = sam.url();
  expect(person).toMatch(/^\/o\/rx1\/users\/u-/);

  const margaret = await as(DEMO.margaret);
  allowConsole(margaret, /status of 40[34]/);
  // Her own list and counts know nothing of them.
  await app.open(margaret, `/o/rx2/users?status=all&q=${encodeURIComponent(email)}`);
  await expect(margaret.locator('main')).toContainText(`No users match “${email}”.`);
  await app.open(margaret, '/o/rx2/users?q=okoro');
  await expect(margaret.locator('main')).toContainText('No users match “okoro”.');
  // Their pages are not there: under their address, and under hers.
  const places = ['/o/rx1', '/o/rx1/users', '/o/rx1/roles', '/o/rx1/jobs', '/o/rx1/users/add', job, draft, person ?? '', `${person}/invitation`, `${person}/invitation?cancel=yes`];
  for (const place of places) {
    for (const path of [place, place.replace('/o/rx1', '/o/rx2')]) {
      if (/\/o\/rx2(\/(users|roles|jobs|users\/add))?$/.test(path)) {
        continue;
      }
      const answer = await margaret.request.get(path);
      const body = await answer.text();
      const isDraft = path.includes('/invite/');
      expect(answer.status(), path).toBe(isDraft && path.includes('rx2') ? answer.status() : 404);
      for (const secret of [email, 'Okoro', 'Hollybrook']) {
        expect(body.includes(secret), `${secret} in ${path}`).toBe(false);
      }
    }
  }
  for (const path of [`${job}/results.csv`, `${job}/events`, `${job.replace('/o/rx1', '/o/rx2')}/results.csv`]) {
    expect((await margaret.request.get(path)).status(), path).toBe(404);
  }
  await app.open(margaret, person ?? '');
  await expect(margaret.locator('h1')).toHaveText('Page not found');
  await look(margaret, 'not-found');
  // Nothing of it happened: the invitation is as it was.
  const stranger = await as(DEMO.kwame);
  allowConsole(stranger, /status of 40[34]/);
  await app.open(stranger, '/o/rx1/users');
  await expect(stranger.locator('h1')).toHaveText('You cannot view this page');
  await look(stranger, 'not-allowed');
  await stranger.context().clearCookies();
  await app.open(stranger, link(await mail.latest(email, { about: 'invited' })));
  await expect(stranger.locator('h1')).toHaveText('Hollybrook Hospital has invited you to Lanyard');
});

test('a manager of one ward sees that ward only', async ({ app, as }) => {
  const page = await as(DEMO.jane);
  await app.open(page, '/o/rx1/users');
  await expect(page.locator('main')).toContainText('You can see users in Ward 3.');
  await app.open(page, '/o/rx1/users?q=boateng');
  await expect(page.locator('main')).toContainText('No users match “boateng”.');
  await expectAccessible(page);
});
