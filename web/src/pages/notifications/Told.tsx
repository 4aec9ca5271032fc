import '@mantine/core/styles/Pill.css';
import '@mantine/core/styles/PillsInput.css';

import { MultiSelect } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import { channelsQuery, type Recipient } from '../../api/notificationQueries';

const roles = ['administrator', 'analyst', 'coordinator', 'leader', 'security-officer', 'unit-head'] as const;
const inUnits = ['administrator', 'security-officer', 'unit-head'] as const;

const key = (r: Recipient) => (r.id ? `${r.who}:${r.id}` : r.who);

function recipientOf(text: string): Recipient {
  const at = text.indexOf(':');
  return at < 0 ? { who: text as Recipient['who'] } : { who: text.slice(0, at) as Recipient['who'], id: text.slice(at + 1) };
}

interface Props {
  recipients: Recipient[];
  channels: string[];
  onChange: (change: { recipients?: Recipient[]; channels?: string[] }) => void;
}

/** Who is told, and by which channels. */
export function Told({ recipients, channels, onChange }: Props) {
  const { t } = useTranslation(['notifications', 'translation']);
  const known = useQuery(channelsQuery).data?.items ?? [];
  const options = [
    ...roles.map((role) => ({ value: `role:${role}`, label: t('who.centre', { role: t(`translation:role.${role}`) }) })),
    ...inUnits.map((role) => ({ value: `unit-role:${role}`, label: t('who.ofUnit', { role: t(`translation:role.${role}`) }) })),
    ...(['assignee', 'unit-duty', 'channel'] as const).map((value) => ({ value: value as string, label: t(`who.${value}`) })),
  ];
  // Single users are named by the interface of the server only; they stay as they are.
  for (const r of recipients) if (!options.some((o) => o.value === key(r))) options.push({ value: key(r), label: r.id ?? r.who });
  return (
    <>
      <MultiSelect
        label={t('recipients')}
        data={options}
        value={recipients.map(key)}
        searchable
        onChange={(values) => {
          onChange({ recipients: values.map(recipientOf) });
        }}
      />
      <MultiSelect
        label={t('via')}
        description={t('viaText')}
        data={known.map((c) => ({ value: c.id, label: c.name }))}
        value={channels}
        onChange={(values) => {
          onChange({ channels: values });
        }}
      />
    </>
  );
}
