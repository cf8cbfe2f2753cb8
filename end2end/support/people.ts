import { expect, type Page } from '@playwright/test';
import type { App } from './index';
import { invite } from './inviting';
import { code, link, type Mail } from './mail';
import { hydrated } from './pages';
import { totp } from './totp';

/** How somebody gets the codes of 2-step sign in. */
export type Method = 'authenticator' | 'sms' | 'email';

/** Somebody who has registered. */
export interface Person {
  email: string;
  password: string;
  mobile: string;
  method: Method;
  /** The key of the authenticator app; empty for the others. */
  key: string;
  /** Codes for when there is no other way in. */
  recoveryCodes: string[];
  /** The organisation's code in addresses. */
  slug: string;
}

/** The password of everybody whom tests register. */
export const PASSWORD = 'kettle orchard ribbon';

/**
 * People of the demo (`lanyard demo`): they have registered, and get their codes by email.
 * Tests change Hollybrook Hospital as they like, and leave the people of the others as they are: their lists are
 * counted.
 */
export const DEMO = {
  /** Administrator of Hollybrook Hospital. */
  sam: demo('sam.okoro@hollybrook.example', 'rx1'),
  /** Manager of one ward of Hollybrook Hospital. */
  jane: demo('jane.carlton@hollybrook.example', 'rx1'),
  /** Contributor at Hollybrook Hospital. */
  kwame: demo('kwame.boateng@hollybrook.example', 'rx1'),
  /** Administrator of Rosebush Hospital. */
  margaret: demo('margaret.ellison@rosebush.example', 'rx2'),
  /** Administrator of both. */
  priya: demo('priya.raman@hollybrook.example', ''),
  /** Super user of Larchwood Health Trust (the preset `nhs-jobs`), of 5 who hold a place of 7. */
  josephine: demo('josephine.adu@larchwood.example', 'rj1'),
  /** Recruitment administrator at Larchwood Health Trust, who may not see who is there. */
  zainab: demo('zainab.osman@larchwood.example', 'rj1'),
  /** Lead administrator of Greenwood Pharmacy Group (the preset `ravs`). */
  patrick: demo('patrick.doherty@greenwood.example', 'fgp'),
  /** Recorder at Greenwood Pharmacy Group. */
  connor: demo('connor.hartley@greenwood.example', 'fgp'),
  /** Viewer of Hollybrook Hospital, super user of Larchwood Health Trust. */
  arjun: demo('arjun.mehta@hollybrook.example', ''),
} satisfies Record<string, Person>;

function demo(email: string, slug: string): Person {
  return { email, password: 'three quiet herons', mobile: '', method: 'email', key: '', recoveryCodes: [], slug };
}

let people = 0;

/**
 * Makes an organisation and registers its first administrator, from the printed link to the end.
 * Administrators get their codes from an app: texts and emails are not enough for them (R43).
 */
export async function registerAdministrator(app: App, page: Page, mail: Mail): Promise<Person> {
  const organisation = app.newCode();
  const person = newPerson(organisation.toLowerCase(), 'authenticator');
  await app.run('organisation', 'create', '--preset', 'self-registration', '--code', organisation, '--name', `Hospital ${organisation}`);
  const printed = await app.run('create-administrator', '--organisation', organisation, '--email', person.email);
  const link = /http\S+/.exec(printed)?.[0];
  if (!link) {
    throw new Error(`No link in: ${printed}`);
  }
  await app.open(page, link);
  await register(page, mail, person);
  return person;
}

/** Registers a contributor of Hollybrook Hospital, whom somebody invites on the page `office`. */
export async function registerContributor(
  app: App,
  office: Page,
  page: Page,
  mail: Mail,
  method: Method,
): Promise<Person> {
  const person = newPerson(DEMO.sam.slug, method);
  await invite(app, office, person.slug, { emails: person.email });
  await app.open(page, link(await mail.latest(person.email, { about: 'invited' })));
  await register(page, mail, person);
  return person;
}

/** Somebody whom nobody has heard of. */
export function newPerson(slug: string, method: Method): Person {
  people += 1;
  return {
    email: `alex.moreton${people}.${slug}@hollybrook.example`,
    password: PASSWORD,
    // Each their own: messages are found by it.
    mobile: `07700 900 ${String(500 + people).padStart(3, '0')}`,
    method,
    key: '',
    recoveryCodes: [],
    slug,
  };
}

/** Goes through registration on a page that shows an invitation, or its first questions. */
export async function register(page: Page, mail: Mail, person: Person): Promise<void> {
  const accept = page.getByRole('button', { name: 'Accept invitation' });
  if ((await accept.count()) > 0) {
    await go(page, 'Accept invitation', 'Your details');
  }
  await page.getByLabel('First name').fill('Alex');
  await page.getByLabel('Last name').fill('Moreton');
  await page.getByLabel(/^Mobile phone number/).fill(person.mobile);
  await page.getByLabel('Create a password', { exact: true }).fill(person.password);
  await go(page, 'Continue', /How do you want to get codes\?|Set up your authenticator app/);
  const before = await sent(mail, person);
  // With one method that is allowed there is no question.
  if ((await page.locator('input[name=codes_method]').count()) > 0) {
    const choice = { authenticator: 'Authenticator app', sms: 'Text message', email: 'Email' }[person.method];
    await page.getByLabel(choice, { exact: true }).check();
    await go(page, 'Continue', /Set up your authenticator app|Check your (phone|email)/);
  }
  if (person.method === 'authenticator') {
    person.key = await page.locator('.app-key code').innerText();
    await page.getByLabel('Code', { exact: true }).fill(totp(person.key));
  } else {
    await page.getByLabel('Code', { exact: true }).fill(await newestCode(mail, person, before));
  }
  await go(page, 'Continue', 'Keep your recovery codes');
  person.recoveryCodes = (await page.locator('main').innerText()).match(/\b[0-9a-z]{4}(-[0-9a-z]{4}){3}\b/g) ?? [];
  expect(person.recoveryCodes).toHaveLength(10);
  await go(page, 'Continue', 'Terms of use');
  await go(page, 'Agree and continue', 'You are set up');
}

/** The first step of signing in, on whatever page the person stands. */
export async function givePassword(app: App, page: Page, person: Person, password = person.password): Promise<void> {
  await app.open(page, '/sign-in');
  await page.getByLabel('Email address').fill(person.email);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

/** Both steps of signing in. An app's code is good once: `ahead` takes that of a later half minute. */
export async function signIn(app: App, page: Page, mail: Mail, person: Person, ahead = 0): Promise<void> {
  const before = await sent(mail, person);
  await givePassword(app, page, person);
  await expect(page).toHaveURL(/\/sign-in\/check-your-code/);
  await hydrated(page);
  const answer = person.method === 'authenticator' ? totp(person.key, ahead) : await newestCode(mail, person, before);
  await page.getByLabel('Code', { exact: true }).fill(answer);
  await page.getByRole('button', { name: 'Continue' }).click();
  await expect(page).toHaveURL(person.slug === '' ? /\/(o\/|choose-organisation)/ : new RegExp(`/o/${person.slug}`));
  await hydrated(page);
}

/** Proves once more who somebody is who gets codes by email (R49). It counts for 5 minutes. */
export async function proveAgain(app: App, page: Page, mail: Mail, person: Person): Promise<void> {
  const before = await sent(mail, person);
  await app.open(page, '/account/confirm');
  await page.getByLabel('Password', { exact: true }).fill(person.password);
  await go(page, 'Continue', 'Check your email');
  await page.getByLabel('Code', { exact: true }).fill(await newestCode(mail, person, before));
  await go(page, 'Continue', 'Your account');
}

/** Messages that somebody has got so far, by the way of their codes. */
export async function sent(mail: Mail, person: Person) {
  return mail.to(recipient(person));
}

/** The code that came after those messages. */
export async function newestCode(mail: Mail, person: Person, before: Awaited<ReturnType<typeof sent>>): Promise<string> {
  return code(await mail.latest(recipient(person), { after: before, about: /code/i }));
}

function recipient(person: Person): string {
  return person.method === 'sms' ? `+44${person.mobile.replace(/\s/g, '').slice(1)}` : person.email;
}

/** Presses a button and waits for the page that follows. */
export async function go(page: Page, button: string, heading: string | RegExp): Promise<void> {
  await page.getByRole('button', { name: button, exact: true }).first().click();
  await expect(page.locator('h1')).toContainText(heading);
  await hydrated(page);
}
