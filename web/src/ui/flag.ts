import { Store } from '../lib/store';

/** A choice that the browser keeps. */
export class Flag extends Store<boolean> {
  constructor(
    private readonly name: string,
    otherwise: boolean,
  ) {
    const kept = localStorage.getItem(name);
    super(kept === null ? otherwise : kept === 'on');
  }

  toggle = (): void => this.choose(!this.get());

  choose(on: boolean): void {
    localStorage.setItem(this.name, on ? 'on' : 'off');
    this.set(on);
  }
}

/** Whether figures that only developers read are shown. */
export const details = new Flag('affekt.details', false);

export const mirrored = new Flag('affekt.mirror', true);
