import '../i18n/kit';

import { useTranslation } from 'react-i18next';

import css from './kit.module.css';

export { Badge, LevelBadge, StatusBadge } from '../ui/Badge';

export type Tlp = 'RED' | 'AMBER' | 'AMBER+STRICT' | 'GREEN' | 'CLEAR';
export type Pap = 'RED' | 'AMBER' | 'GREEN' | 'CLEAR';

// The colours FIRST fixes for TLP 2.0, on black in every theme; PAP has the same.
const colours = { RED: '#ff2b2b', AMBER: '#ffc000', 'AMBER+STRICT': '#ffc000', GREEN: '#33ff00', CLEAR: '#ffffff' } as const;

/** With whom a thing may be shared. */
export function TlpBadge({ tlp }: { tlp: Tlp }) {
  const { t } = useTranslation('kit');
  return (
    <span className={css.marking} style={{ color: colours[tlp] }} data-tip={t(`tlp.${tlp}`)}>
      {`TLP:${tlp}`}
    </span>
  );
}

/** What may be done with a thing that others could notice. */
export function PapBadge({ pap }: { pap: Pap }) {
  const { t } = useTranslation('kit');
  return (
    <span className={css.marking} style={{ color: colours[pap] }} data-tip={t(`pap.${pap}`)}>
      {`PAP:${pap}`}
    </span>
  );
}
