import { afterEach, describe, expect, it } from 'vitest';
import { emotions } from '../src/api/types';
import { chooseLanguage, directionOf, language, languages, many, rich, t } from '../src/i18n';
import { percent, signed } from '../src/lib/format';
import { whyNot } from '../src/lib/emotions';

const catalogs = import.meta.glob<Record<string, string>>('../src/i18n/*.json', { eager: true, import: 'default' });
const code = Object.values(
  import.meta.glob<string>('../src/**/*.{ts,tsx}', { eager: true, query: '?raw', import: 'default' }),
).join('\n');
const english = catalogs['../src/i18n/en.json']!;
const places = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(match => match[0]).sort();

afterEach(() => language.set('en'));

describe('Every catalog', () => {
  it('is offered as a language by its own name', () => {
    expect(languages.map(one => `../src/i18n/${one.tag}.json`).sort()).toEqual(Object.keys(catalogs).sort());
    expect(languages.map(one => one.name)).toEqual(expect.arrayContaining(['Deutsch', 'English', 'Español']));
  });

  it.each(Object.entries(catalogs))('has every text, none that is empty, and the same places: %s', (_, catalog) => {
    expect(Object.keys(catalog)).toEqual(Object.keys(english));
    for (const [key, text] of Object.entries(catalog)) {
      expect(text.trim(), key).not.toBe('');
      expect(places(text), key).toEqual(places(english[key]!));
    }
  });
});

describe('The texts', () => {
  it('are all used', () => {
    // A key is written whole, with its noun before a number's form, or with what comes from the server put in.
    const built = [
      'emotion.',
      'modality.',
      'source.',
      'theme.',
      'view.',
      'queue.',
      'close.',
      'problem.',
      'warning.',
      'live.',
    ];
    const unused = Object.keys(english).filter(
      key =>
        key !== 'language' &&
        !code.includes(`'${key}'`) &&
        !code.includes(`'${key.replace(/\.(one|other)$/, '')}'`) &&
        !key.startsWith('unit.') &&
        !built.some(start => key.startsWith(start) && code.includes(`\`${start}\${`)),
    );
    expect(unused).toEqual([]);
  });

  it('are filled in, also with elements', () => {
    expect(t('live.open', { devices: t('live.both') })).toBe('Open camera and microphone');
    expect(rich('viewer.dropRest', { command: 'C', analyze: 'A' })).toHaveLength(5);
  });
});

describe('A language', () => {
  it('is the first wanted one that there is', () => {
    expect(chooseLanguage(['fr-FR', 'de-AT', 'en'], ['en', 'de', 'es'])).toBe('de');
    expect(chooseLanguage(['fr'], ['en', 'de', 'es'])).toBe('en');
  });

  it('are laid out the way their language is written', () => {
    expect(['en', 'de-AT', 'zh-Hant', 'az', 'ku'].map(directionOf)).toEqual(Array(5).fill('ltr'));
    expect(['ar', 'he', 'fa-IR', 'ur', 'az-Arab'].map(directionOf)).toEqual(Array(5).fill('rtl'));
  });

  it('writes numbers and counts its own way', () => {
    expect([percent(0.123, 1), signed(-0.05), many('unit.utterance', 1), many('unit.utterance', 0)]).toEqual([
      '12.3\u202f%',
      '−5.0',
      '1 utterance',
      '0 utterances',
    ]);
    language.set('de');
    expect([percent(0.123, 1), signed(0.05), many('unit.utterance', 2)]).toEqual([
      '12,3\u202f%',
      '+5,0',
      '2 Äußerungen',
    ]);
  });

  it('has a name for every emotion, and says why a modality has no part in an answer', () => {
    for (const { tag } of languages) {
      language.set(tag);
      expect(new Set(emotions.map(one => t(`emotion.${one}`))).size).toBe(7);
    }
    language.set('es');
    expect(whyNot({ status: 'unusable', reason: 'no face in 8 of 8 frames' })).toBe('ninguna cara en 8 de 8 imágenes');
    expect(whyNot({ status: 'unusable', reason: 'something new' })).toBe('something new');
  });
});
