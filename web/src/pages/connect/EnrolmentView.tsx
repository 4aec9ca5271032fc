import { Button, Group, NumberInput, Stack, Text, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import {
  changeEnrolment,
  type Enrolment,
  enrolmentQuery,
  kitQuery,
  type Made,
  revokeEnrolment,
  rotateEnrolment,
} from '../../api/enrolQueries';
import { Dialog } from '../../ui/Dialog';
import page from '../../ui/page.module.css';
import { ErrorState, Rows } from '../../ui/State';
import { Time } from '../../ui/Time';
import { toast } from '../../ui/toast';
import { KitView } from './KitView';
import { Light } from './Light';

const usualGrace = 24;

/** One connection: its light, its configuration, and what can be done with it. */
export function EnrolmentView({ id, mayChange }: { id: string; mayChange: boolean }) {
  const { t } = useTranslation(['translation', 'connect']);
  const client = useQueryClient();
  const { data, error, isPending, refetch } = useQuery(enrolmentQuery(id));
  const kit = useQuery({ ...kitQuery(id), enabled: data !== undefined && data.status !== 'revoked' });
  const [asking, setAsking] = useState<'rotate' | 'revoke' | null>(null);
  const [fresh, setFresh] = useState<Made | null>(null);
  if (error && !data) return <ErrorState error={error} retry={() => void refetch()} />;
  if (isPending) return <Rows count={6} />;
  const changed = () => {
    setAsking(null);
    void client.invalidateQueries({ queryKey: ['enrolments'] });
    void client.invalidateQueries({ queryKey: ['enrolment', id] });
  };
  return (
    <Stack gap="md">
      {data.status === 'revoked' ? <Revoked enrolment={data} /> : kit.data && <Light id={id} host={kit.data.way.host} port={kit.data.way.port} />}
      <Facts enrolment={data} />
      {mayChange && data.status !== 'revoked' && (
        <>
          <Names key={`${data.name}\n${data.note}`} enrolment={data} onDone={changed} />
          <Group gap="xs">
            {data.credential !== 'address' && (
              <Button
                size="xs"
                variant="default"
                onClick={() => {
                  setAsking('rotate');
                }}
              >
                {t('connect:rotate')}
              </Button>
            )}
            <Button
              size="xs"
              color="red"
              variant="light"
              onClick={() => {
                setAsking('revoke');
              }}
            >
              {t('connect:revoke')}
            </Button>
          </Group>
        </>
      )}
      {fresh && <KitView kit={fresh.kit} />}
      {!fresh && kit.error && <ErrorState error={kit.error} retry={() => void kit.refetch()} />}
      {!fresh && kit.data && (
        <details>
          <summary>{t('connect:kitAgain')}</summary>
          <div style={{ marginTop: 12 }}>
            <KitView kit={kit.data} />
          </div>
        </details>
      )}
      <Dialog
        opened={asking === 'rotate'}
        onClose={() => {
          setAsking(null);
        }}
        title={t('connect:rotate')}
      >
        <Rotate
          enrolment={data}
          onDone={(made) => {
            setFresh(made);
            changed();
          }}
        />
      </Dialog>
      <Dialog
        opened={asking === 'revoke'}
        onClose={() => {
          setAsking(null);
        }}
        title={t('connect:revoke')}
      >
        <Revoke enrolment={data} onDone={changed} />
      </Dialog>
    </Stack>
  );
}

function Revoked({ enrolment: e }: { enrolment: Enrolment }) {
  const { t } = useTranslation(['translation', 'connect']);
  return (
    <Text size="sm" className="la-wrap">
      <b>{t('connect:status.revoked')}</b>
      {e.revokedAt && (
        <>
          {' '}
          <Time at={e.revokedAt} />, {e.revokedBy}
        </>
      )}
      {e.revokedReason && `: ${e.revokedReason}`}
    </Text>
  );
}

function Facts({ enrolment: e }: { enrolment: Enrolment }) {
  const { t } = useTranslation(['translation', 'connect']);
  return (
    <dl className={page.facts}>
      <div>
        <dt>{t('connect:name')}</dt>
        <dd className="la-wrap">{e.name}</dd>
      </div>
      <div>
        <dt>{t('connect:unit')}</dt>
        <dd>{e.unitName || e.unit}</dd>
      </div>
      <div>
        <dt>{t('connect:credential')}</dt>
        <dd>{t(`connect:credentials.${e.credential}`)}</dd>
      </div>
      {e.networks.length > 0 && (
        <div>
          <dt>{t('connect:networks')}</dt>
          <dd className="la-mono">{e.networks.join(', ')}</dd>
        </div>
      )}
      <div>
        <dt>{t('connect:expires')}</dt>
        <dd>{e.expiresAt ? <Time at={e.expiresAt} /> : t('connect:noEnd')}</dd>
      </div>
      <div>
        <dt>{t('connect:createdBy')}</dt>
        <dd>
          {e.createdBy}, <Time at={e.createdAt} />
        </dd>
      </div>
    </dl>
  );
}

function Names({ enrolment: e, onDone }: { enrolment: Enrolment; onDone: () => void }) {
  const { t } = useTranslation(['translation', 'connect']);
  const [name, setName] = useState(e.name);
  const [note, setNote] = useState(e.note);
  const save = useMutation({
    mutationFn: () => changeEnrolment(e.id, { name: name.trim(), note: note.trim() }),
    onSuccess: () => {
      toast({ message: t('connect:renamed'), color: 'teal' });
      onDone();
    },
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      {save.isError && <ErrorState error={save.error} />}
      <Group gap="xs" align="flex-end">
        <TextInput
          size="xs"
          label={t('connect:name')}
          value={name}
          onChange={(event) => {
            setName(event.currentTarget.value);
          }}
          style={{ flex: '1 1 180px' }}
        />
        <TextInput
          size="xs"
          label={t('connect:note')}
          value={note}
          onChange={(event) => {
            setNote(event.currentTarget.value);
          }}
          style={{ flex: '2 1 220px' }}
        />
        <Button type="submit" size="xs" variant="default" loading={save.isPending} disabled={name === e.name && note === e.note}>
          {t('connect:rename')}
        </Button>
      </Group>
    </form>
  );
}

function Rotate({ enrolment: e, onDone }: { enrolment: Enrolment; onDone: (made: Made) => void }) {
  const { t } = useTranslation(['translation', 'connect']);
  const [grace, setGrace] = useState<number | string>(usualGrace);
  const rotate = useMutation({ mutationFn: () => rotateEnrolment(e.id, Number(grace) || 0), onSuccess: onDone });
  return (
    <Stack gap="sm">
      {rotate.isError && <ErrorState error={rotate.error} />}
      <Text size="sm">{t('connect:rotateText', { name: e.name })}</Text>
      <NumberInput label={t('connect:grace')} min={0} max={168} value={grace} onChange={setGrace} data-autofocus />
      <Group justify="flex-end">
        <Button
          loading={rotate.isPending}
          onClick={() => {
            rotate.mutate();
          }}
        >
          {t('connect:rotate')}
        </Button>
      </Group>
    </Stack>
  );
}

function Revoke({ enrolment: e, onDone }: { enrolment: Enrolment; onDone: () => void }) {
  const { t } = useTranslation(['translation', 'connect']);
  const [reason, setReason] = useState('');
  const revoke = useMutation({ mutationFn: () => revokeEnrolment(e.id, reason.trim()), onSuccess: onDone });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        revoke.mutate();
      }}
    >
      <Stack gap="sm">
        {revoke.isError && <ErrorState error={revoke.error} />}
        <Text size="sm">{t('connect:revokeText', { name: e.name })}</Text>
        <TextInput
          label={t('connect:reason')}
          placeholder={t('connect:reasonExample')}
          required
          withAsterisk={false}
          data-autofocus
          value={reason}
          onChange={(event) => {
            setReason(event.currentTarget.value);
          }}
        />
        <Group justify="flex-end">
          <Button type="submit" color="red" loading={revoke.isPending}>
            {t('connect:revoke')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
