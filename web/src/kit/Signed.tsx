import '../i18n/kit';

import { useTranslation } from 'react-i18next';

import type { DossierFile } from '../api/dossierQueries';
import { Badge } from '../ui/Badge';
import { Time } from '../ui/Time';
import css from './kit.module.css';

const tones = { whole: 'ok', added: 'low', unchecked: 'informational', unreadable: 'medium', changed: 'critical' } as const;

/** What was found of digital signatures when a file arrived. */
export function Signed({ file }: { file: Pick<DossierFile, 'signed' | 'signatures'> }) {
  const { t } = useTranslation('kit');
  if (file.signed === 'none') return <div className={`la-dim ${css.signed ?? ''}`}>{t('signed.none')}</div>;
  return (
    <>
      {file.signatures.map((one, n) => (
        <div key={n} className={css.signed}>
          <Badge tone={tones[one.state]}>{t(`signed.${one.state}`)}</Badge>{' '}
          {[
            [one.signer, one.agency].filter((text) => text !== '').join(', '),
            one.issuer !== '' && t('signed.issuer', { name: one.issuer }),
            one.chain !== '' && t(`signed.chain.${one.chain}`),
          ]
            .filter((text) => typeof text === 'string' && text !== '')
            .join('; ')}
          {one.at && (
            <>
              {'; '}
              {t('signed.at')} <Time at={one.at} />
            </>
          )}
        </div>
      ))}
    </>
  );
}
