import '../../../i18n/why';

import { Text, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';

import type { AlertDetail } from '../../../api/types';
import { formatTime } from '../../../lib/time';
import css from './why.module.css';

const isTime = (value: string) => /^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(value);

/** What the centre measured, of an alert that no rule raised. */
export function Signal({ signal }: { signal: NonNullable<AlertDetail['signal']> }) {
  const { t, i18n } = useTranslation('why');
  const name = (of: string) => (i18n.exists(`why:signal.detail.${of}`) ? t(`signal.detail.${of}` as 'signal.detail.last') : of);
  return (
    <section>
      <Title order={3} mb={4}>
        {t('signal.title')}
      </Title>
      <Text size="sm" className="la-dim" mb={6}>
        {signal.settledAt ? t('signal.settled', { at: formatTime(signal.settledAt) }) : t('signal.lasts')}
      </Text>
      <table className={css.table}>
        <tbody>
          {signal.details.map((detail) => (
            <tr key={detail.name}>
              <th scope="row">{name(detail.name)}</th>
              <td className="la-wrap">{isTime(detail.value) ? formatTime(detail.value) : detail.value}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
