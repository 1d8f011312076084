/** Ten thousand keys: what is rendered and asked is counted, not timed. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeManyKeys, openInWindow } from '../fixtures/manyKeysWindow.ts';
import { openWindow } from '../fixtures/windowHost.ts';
import type { TestWindow } from '../fixtures/windowHost.ts';

const many = 10_000;
let window: TestWindow;

/** The methods that the page calls from now on, where its calls arrive. */
function countCalls(): string[] {
  const { router } = window.host;
  const answer = router.call.bind(router);
  const asked: string[] = [];
  router.call = (method, request, call) => {
    asked.push(String(method));
    return answer(method, request, call);
  };
  return asked;
}



beforeAll(async () => {
  window = await openWindow();
  await openInWindow(window, await makeManyKeys(window, many));
}, 180_000);
afterAll(() => window.close());

test('the table has only the rows that are seen, at its top, in its middle and at its end', async () => {
  const { page } = window;
  await page.evaluate(() => {
    location.hash = '#/keys';
  });
  await page.getByRole('grid', { name: 'Keys' }).waitFor();
  await page.locator('.krow').first().waitFor();
  const grid = page.getByRole('grid', { name: 'Keys' });
  expect(await grid.getAttribute('aria-rowcount')).toBe(String(many));
  const rows = async () => await page.locator('.krow').count();
  expect(await rows()).toBeLessThan(60);
  await grid.evaluate((element) => element.scrollTo(0, element.scrollHeight / 2));
  await page.waitForTimeout(200);
  expect(await rows()).toBeLessThan(60);
  await grid.focus();
  await page.keyboard.press('End');
  await page.locator(`.krow[aria-rowindex="${many}"]`).waitFor();
  expect(await rows()).toBeLessThan(60);
});

test('a key among many is chosen by typing a part of its name: no list has all of them', async () => {
  const { page } = window;
  await page.evaluate(() => {
    location.hash = '#/use/key%20number%200';
  });
  await page.getByText('One of 10,000').waitFor();
  const field = page.getByRole('combobox', { name: 'Key' });
  await field.click();
  expect(await page.getByRole('option').count()).toBe(50);
  await field.fill('number 9999');
  await page.getByRole('option').click();
  expect(await field.inputValue()).toBe('key number 9999');
  await page.evaluate(() => {
    location.hash = '#/keys';
  });
  await page.locator('.krow').first().waitFor();
});

test('typing into the filter asks the core nothing, and narrows to what fits', async () => {
  const { page } = window;
  await page.keyboard.press('Home');
  await page.waitForTimeout(300);
  const asked = countCalls();
  await page.getByLabel('Filter by typing').fill('');
  await page.getByLabel('Filter by typing').pressSequentially('number 99', { delay: 5 });
  await page.getByText(/^111 keys shown$/).waitFor({ state: 'attached' });
  await page.waitForTimeout(300);
  // The key beside the table changes with the filter: it is asked for once the typing rests. The list is not asked for.
  expect(asked.filter((method) => method !== 'key.show' && method !== 'host.active')).toEqual([]);
  expect(asked.filter((method) => method === 'key.show').length).toBeLessThanOrEqual(3);
  expect(await page.locator('.krow').count()).toBeLessThan(60);
});
