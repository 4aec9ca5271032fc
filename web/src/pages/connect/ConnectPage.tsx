import '@mantine/core/styles/List.css';
import '../../i18n/connect';

import { Button, Group, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useBlocker } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { devicesQuery, type Made } from '../../api/enrolQueries';
import { Dialog } from '../../ui/Dialog';
import { PageHeader } from '../../ui/PageHeader';
import page from '../../ui/page.module.css';
import { DevicePicker } from './DevicePicker';
import { EnrolForm } from './EnrolForm';
import { KitView } from './KitView';
import { Light } from './Light';

const route = getRouteApi('/sources/connect');

/** From "which device?" to a green light, in three steps. */
export function ConnectPage() {
  const { t, i18n } = useTranslation(['translation', 'connect']);
  const { device: chosen } = route.useSearch();
  const navigate = route.useNavigate();
  const devices = useQuery(devicesQuery);
  const [made, setMade] = useState<Made | null>(null);
  const device = devices.data?.items.find((d) => d.id === chosen);
  const step = made ? 'kit' : device ? 'details' : 'device';
  const name = device && (i18n.language === 'vi' ? device.name.vi : device.name.en);
  const steps = ['device', 'details', 'kit'] as const;
  const again = () => {
    setMade(null);
    void navigate({ search: {}, ignoreBlocker: true });
  };
  return (
    <div className={page.page}>
      <PageHeader title={t('connect:title')}>
        <Link to="/sources/enrolments">{t('connect:list')}</Link>
      </PageHeader>
      <div className={`la-card ${page.pad ?? ''}`}>
        <Text size="sm" className="la-dim" mb="sm">
          {t('connect:stepOf', { n: steps.indexOf(step) + 1, name: t(`connect:step.${step}`) })}
          {name && ` · ${name}`}
          {step === 'details' && (
            <>
              {' · '}
              <Link to="/sources/connect" search={{}} style={{ textDecoration: 'underline' }}>
                {t('connect:change')}
              </Link>
            </>
          )}
        </Text>
        {step === 'device' && (
          <DevicePicker
            onPick={(d) => {
              void navigate({ search: { device: d.id } });
            }}
          />
        )}
        {step === 'details' && device && <EnrolForm key={device.id} device={device} onMade={setMade} />}
        {made && <Ready made={made} onAgain={again} />}
      </div>
    </div>
  );
}

function Ready({ made, onAgain }: { made: Made; onAgain: () => void }) {
  const { t } = useTranslation(['translation', 'connect']);
  const { kit, enrolment } = made;
  const secret = kit.token !== undefined || kit.certificate?.key !== undefined;
  const [saved, setSaved] = useState(false);
  const guard = useBlocker({ shouldBlockFn: () => secret && !saved, withResolver: true, enableBeforeUnload: () => secret && !saved });
  return (
    <Stack gap="md">
      <Light id={enrolment.id} host={kit.way.host} port={kit.way.port} />
      <KitView kit={kit} />
      <Group>
        <Button variant="default" onClick={onAgain}>
          {t('connect:another')}
        </Button>
        <Link to="/sources/enrolments" search={{ id: enrolment.id }}>
          {t('connect:done')}
        </Link>
      </Group>
      <Dialog
        opened={guard.status === 'blocked'}
        onClose={() => {
          guard.reset?.();
        }}
        title={t('connect:leaveTitle')}
      >
        <Text size="sm">{t('connect:leaveText')}</Text>
        <Group justify="flex-end" mt="md" gap="xs">
          <Button
            variant="default"
            data-autofocus
            onClick={() => {
              guard.reset?.();
            }}
          >
            {t('connect:stay')}
          </Button>
          <Button
            onClick={() => {
              setSaved(true);
              guard.proceed?.();
            }}
          >
            {t('connect:leave')}
          </Button>
        </Group>
      </Dialog>
    </Stack>
  );
}
