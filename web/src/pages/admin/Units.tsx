import { Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconBuildingCommunity, IconPlus } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { call } from '../../api/client';
import { unitsQuery } from '../../api/queries';
import { collator } from '../../lib/format';
import page from '../../ui/page.module.css';
import { EmptyState, ErrorState, Rows } from '../../ui/State';
import { Time } from '../../ui/Time';
import { Dialog } from '../../ui/Dialog';

export function Units() {
  const { t } = useTranslation(['translation', 'admin']);
  const client = useQueryClient();
  const { data, error, isPending, refetch } = useQuery(unitsQuery);
  const [creating, dialog] = useDisclosure();
  const [id, setId] = useState('');
  const [name, setName] = useState('');
  const create = useMutation({
    mutationFn: () => call('/units', { method: 'POST', body: { id: id.trim(), name: name.trim() } }),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: unitsQuery.queryKey });
      setId('');
      setName('');
      dialog.close();
    },
  });
  return (
    <>
      <div className={page.bar}>
        <Text size="sm" className="la-dim" style={{ flex: 1 }}>
          {t('admin:unitsText')}
        </Text>
        <Button size="xs" leftSection={<IconPlus size={15} />} onClick={dialog.open}>
          {t('admin:newUnit')}
        </Button>
      </div>
      {error && !data && <ErrorState error={error} retry={() => void refetch()} />}
      {isPending && <Rows count={5} />}
      {data?.items.length === 0 && (
        <EmptyState icon={<IconBuildingCommunity size={34} />} title={t('admin:noUnits')} text={t('admin:noUnitsText')} />
      )}
      {data && data.items.length > 0 && (
        <div className="la-scroll-x" tabIndex={0} role="region" aria-label={t('admin:tab.units')}>
          <table className="la-table">
            <thead>
              <tr>
                <th>{t('admin:unitId')}</th>
                <th>{t('admin:unitName')}</th>
                <th>{t('admin:created')}</th>
              </tr>
            </thead>
            <tbody>
              {[...data.items]
                .sort((a, b) => collator.compare(a.name, b.name))
                .map((unit) => (
                  <tr key={unit.id}>
                    <td className="la-mono">{unit.id}</td>
                    <td>{unit.name}</td>
                    <td>
                      <Time at={unit.createdAt} />
                    </td>
                  </tr>
                ))}
            </tbody>
          </table>
        </div>
      )}
      <Dialog opened={creating} onClose={dialog.close} title={t('admin:newUnit')}>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            create.mutate();
          }}
        >
          <Stack gap="sm">
            {create.isError && <ErrorState error={create.error} />}
            <TextInput
              label={t('admin:unitName')}
              placeholder={t('admin:unitNameExample')}
              required
              withAsterisk={false}
              data-autofocus
              value={name}
              onChange={(event) => {
                setName(event.currentTarget.value);
              }}
            />
            <TextInput
              label={t('admin:unitId')}
              description={t('admin:unitIdRule')}
              required
              withAsterisk={false}
              value={id}
              onChange={(event) => {
                setId(event.currentTarget.value);
              }}
            />
            <Group justify="flex-end" gap="xs">
              <Button variant="default" onClick={dialog.close}>
                {t('action.cancel')}
              </Button>
              <Button type="submit" loading={create.isPending}>
                {t('admin:createUnit')}
              </Button>
            </Group>
          </Stack>
        </form>
      </Dialog>
    </>
  );
}
