import { Button, Group, NumberInput, Radio, Select, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { centreUnit } from '../../lib/centre';
import { createEnrolment, type Credential, type Device, type Made } from '../../api/enrolQueries';
import { unitsQuery } from '../../api/queries';
import { useSession } from '../../app/session';
import { ErrorState } from '../../ui/State';

const usualDays = { certificate: 30, token: 365, address: 0 } as const;

/** Whose device it is, and how it shows that it is. */
export function EnrolForm({ device, onMade }: { device: Device; onMade: (made: Made) => void }) {
  const { t, i18n } = useTranslation(['translation', 'connect']);
  const client = useQueryClient();
  const { user } = useSession();
  const units = useQuery(unitsQuery);
  const ofCentre = user.unit === centreUnit;
  // Only the centre gives addresses to units.
  const credentials = (device.credentials as Credential[]).filter((c) => ofCentre || c !== 'address');
  const [unit, setUnit] = useState<string | null>(ofCentre ? null : user.unit);
  const [name, setName] = useState(i18n.language === 'vi' ? device.name.vi : device.name.en);
  const [credential, setCredential] = useState<Credential | undefined>(credentials[0]);
  const [days, setDays] = useState<number | string>('');
  const [networks, setNetworks] = useState('');
  const [note, setNote] = useState('');
  const create = useMutation({
    mutationFn: () =>
      createEnrolment({
        unit: unit ?? '',
        name: name.trim(),
        device: device.id,
        ...(credential && { credential }),
        ...(typeof days === 'number' && credential !== 'address' && { days }),
        ...(credential === 'address' && { networks: networks.split(/[\s,;]+/).filter(Boolean) }),
        ...(note.trim() && { note: note.trim() }),
      }),
    onSuccess: (made) => {
      void client.invalidateQueries({ queryKey: ['enrolments'] });
      onMade(made);
    },
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        create.mutate();
      }}
    >
      <Stack gap="md" maw={620}>
        {create.isError && <ErrorState error={create.error} />}
        <Select
          label={t('connect:unit')}
          description={t('connect:unitText')}
          data={(units.data?.items ?? []).map((u) => ({ value: u.id, label: u.name }))}
          value={unit}
          onChange={setUnit}
          disabled={!ofCentre}
          searchable
          required
          withAsterisk={false}
        />
        <TextInput
          label={t('connect:name')}
          placeholder={t('connect:nameExample')}
          required
          withAsterisk={false}
          value={name}
          onChange={(event) => {
            setName(event.currentTarget.value);
          }}
        />
        <Radio.Group
          label={t('connect:credential')}
          value={credential ?? ''}
          onChange={(value) => {
            setCredential(value as Credential);
          }}
        >
          <Stack gap={8} mt={6}>
            {credentials.map((c, i) => (
              <Radio
                key={c}
                value={c}
                label={
                  <>
                    {t(`connect:credentials.${c}`)}
                    {i === 0 && credentials.length > 1 && <span className="la-dim">{` · ${t('connect:best')}`}</span>}
                  </>
                }
                description={t(`connect:credentialText.${c}`)}
              />
            ))}
          </Stack>
        </Radio.Group>
        {credential === 'address' ? (
          <Textarea
            label={t('connect:networks')}
            description={t('connect:networksText')}
            autosize
            minRows={2}
            required
            withAsterisk={false}
            value={networks}
            onChange={(event) => {
              setNetworks(event.currentTarget.value);
            }}
          />
        ) : (
          <NumberInput
            label={t('connect:days')}
            description={t('connect:daysText')}
            min={1}
            max={397}
            placeholder={String(usualDays[credential ?? 'token'])}
            value={days}
            onChange={setDays}
            maw={260}
          />
        )}
        <TextInput
          label={t('connect:note')}
          value={note}
          onChange={(event) => {
            setNote(event.currentTarget.value);
          }}
        />
        <Group>
          <Button type="submit" loading={create.isPending} disabled={!unit || name.trim() === ''}>
            {t('connect:create')}
          </Button>
          {!unit && (
            <Text size="xs" className="la-dim">
              {t('connect:unitFirst')}
            </Text>
          )}
        </Group>
      </Stack>
    </form>
  );
}
