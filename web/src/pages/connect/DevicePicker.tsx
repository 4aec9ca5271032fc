import { Text, TextInput, UnstyledButton } from '@mantine/core';
import { IconDeviceDesktopSearch, IconSearch } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { type Device, devicesQuery } from '../../api/enrolQueries';
import { useKeys } from '../../app/keys';
import { fold } from '../../lib/format';
import { EmptyState, ErrorState, Rows } from '../../ui/State';
import styles from './connect.module.css';

const groups = ['linux', 'windows', 'network', 'security', 'application', 'collector', 'relay'] as const;

/** The catalogue of devices, by what they are. */
export function DevicePicker({ onPick }: { onPick: (device: Device) => void }) {
  const { t, i18n } = useTranslation(['translation', 'connect']);
  const { data, error, isPending, refetch } = useQuery(devicesQuery);
  const [text, setText] = useState('');
  const input = useRef<HTMLInputElement>(null);
  useKeys({ '/': () => input.current?.focus() });
  if (error && !data) return <ErrorState error={error} retry={() => void refetch()} />;
  if (isPending) return <Rows count={8} />;
  const name = (device: Device) => (i18n.language === 'vi' ? device.name.vi : device.name.en);
  const wanted = fold(text.trim());
  const found = data.items.filter((d) => fold(`${d.name.vi} ${d.name.en} ${d.id}`).includes(wanted));
  return (
    <>
      <Text size="sm" mb={8}>
        {t('connect:pick')}
      </Text>
      <TextInput
        ref={input}
        data-autofocus
        leftSection={<IconSearch size={15} />}
        placeholder={t('connect:find')}
        aria-label={t('connect:find')}
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value);
        }}
        onKeyDown={(event) => {
          const [only] = found;
          if (event.key === 'Enter' && only && wanted !== '') onPick(only);
        }}
        maw={420}
        mb="md"
      />
      {found.length === 0 && (
        <EmptyState icon={<IconDeviceDesktopSearch size={30} />} title={t('connect:notFound', { text })} text={t('connect:notFoundText')} />
      )}
      <div className={styles.groups}>
        {groups
          .filter((group) => found.some((d) => d.group === group))
          .map((group) => (
            <section key={group} aria-label={t(`connect:group.${group}`)}>
              <Text component="h2" size="sm" fw={600}>
                {t(`connect:group.${group}`)}
              </Text>
              <ul className={styles.devices}>
                {found
                  .filter((d) => d.group === group)
                  .map((device) => (
                    <li key={device.id}>
                      <UnstyledButton
                        className={styles.device}
                        onClick={() => {
                          onPick(device);
                        }}
                      >
                        <Text size="sm" fw={560}>
                          {name(device)}
                        </Text>
                        <Text size="xs" className="la-dim">
                          {`${device.way.protocol} ${device.way.transport.toUpperCase()}`}
                          {!device.way.configured && ` · ${t('connect:off')}`}
                        </Text>
                      </UnstyledButton>
                    </li>
                  ))}
              </ul>
            </section>
          ))}
      </div>
    </>
  );
}
