import { describe, expect, it } from 'vitest';
import { csvCell, toCsv } from '../src/lib/csv';
import { toHtml } from '../src/lib/exportHtml';
import { result, utterance } from './results';

describe('CSV', () => {
  it('quotes what would break a line and doubles quotes', () => {
    expect(csvCell('She said "no", twice')).toBe('"She said ""no"", twice"');
    expect(csvCell('one\ntwo')).toBe('"one\ntwo"');
    expect(csvCell(null)).toBe('');
  });

  it('keeps words from becoming a formula, but leaves numbers below zero alone', () => {
    expect(csvCell('=1+1')).toBe("'=1+1");
    expect(csvCell('@home')).toBe("'@home");
    expect(csvCell(-0.5)).toBe('-0.5');
  });

  it('has a heading, and as many cells in each line', () => {
    const lines = toCsv(
      result([utterance(0, 900, { text: 'a, b' }), utterance(1000, 2000, { speaker: null, text: null })]),
    )
      .trimEnd()
      .split('\r\n');
    expect(lines).toHaveLength(3);
    expect(lines[0]).toMatch(/^file,start_ms,end_ms,speaker,text,text_source,emotion,confidence,abstained,neutral,/);
    expect(lines[1]).toContain(',"a, b",');
    expect(lines[2]!.split(',')).toHaveLength(lines[0]!.split(',').length);
  });
});

describe('CSV of several people', () => {
  it('names the face that was read, how it was chosen, and how much two people speak at once', () => {
    const face = { status: 'speaking' as const, person: 'p2', confidence: 0.9 };
    const lines = toCsv(result([utterance(0, 900, { face, overlap: 0.25 }), utterance(1000, 2000)]))
      .trimEnd()
      .split('\r\n');
    expect(lines[0]).toMatch(/,face,face_status,overlap$/);
    expect(lines[1]).toMatch(/,p2,speaking,0.25$/);
    expect(lines[2]).toMatch(/,,,$/);
  });
});

describe('HTML', () => {
  it('lets no markup of a recording through', () => {
    const html = toHtml(result([utterance(0, 900, { text: '<script>alert(1)</script>', speaker: '"><img src=x>' })]));
    expect(html).not.toContain('<script');
    expect(html).not.toContain('<img');
    expect(html).toContain('&lt;script&gt;');
  });
});
