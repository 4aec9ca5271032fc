import '../../i18n/incidents';

import { Alert, Button, Checkbox, Group, Select, Stack, Text, TextInput, Title } from '@mantine/core';
import { IconUserPlus } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { type Guest, guestsQuery, inviteGuest, type NewGuest, revokeGuest } from '../../api/guestQueries';
import { incidentFilesQuery } from '../../api/incidentFileQueries';
import { type IncidentDetail, incidentChanged } from '../../api/incidentQueries';
import { ConfirmDialog } from '../../kit/ConfirmDialog';
import { Form, useFieldErrors } from '../../kit/Form';
import { Badge } from '../../ui/Badge';
import { Code } from '../../ui/Copy';
import { Dialog } from '../../ui/Dialog';
import { ErrorState, Rows } from '../../ui/State';
import { Time } from '../../ui/Time';
import { tlps } from './fields';
import css from './incidents.module.css';

const parts = ['overview', 'timeline', 'observables'] as const;
type Part = (typeof parts)[number];

/** How long a guest may look, in hours. */
const spans = [4, 24, 72, 168] as const;

/** Why nobody outside may be invited; undefined: somebody may. */
function closed(incident: IncidentDetail) {
  if (incident.secrecy !== '') return 'secret' as const;
  if (incident.drill) return 'drill' as const;
  if (incident.tlp === 'RED') return 'red' as const;
  return undefined;
}

/** Who without an account may look at a part of the incident. */
export function Guests({ incident }: { incident: IncidentDetail }) {
  const { t } = useTranslation('incidents');
  const client = useQueryClient();
  const { data, error, isPending, refetch } = useQuery(guestsQuery(incident.id));
  const [adding, setAdding] = useState(false);
  const [revoking, setRevoking] = useState<Guest>();
  const why = closed(incident);
  const invites = incident.mayShare && !incident.mergedInto;
  return (
    <section aria-label={t('guest.title')}>
      <div className={css.bar}>
        <Title order={3}>{t('guest.title')}</Title>
        {invites && why === undefined && (
          <Button
            ml="auto"
            size="xs"
            leftSection={<IconUserPlus size={15} />}
            onClick={() => {
              setAdding(true);
            }}
          >
            {t('guest.add')}
          </Button>
        )}
      </div>
      <Text size="sm" className="la-dim">
        {t(why === undefined ? 'guest.text' : `guest.${why}`)}
      </Text>
      {isPending && <Rows count={2} />}
      {error && !data && <ErrorState error={error} retry={() => void refetch()} />}
      {data?.items.length === 0 && (
        <Text size="sm" className="la-dim" mt="sm">
          {t('guest.none')}
        </Text>
      )}
      <ul className={css.shares}>
        {data?.items.map((guest) => (
          <Line
            key={guest.id}
            guest={guest}
            {...(incident.mayShare && {
              onRevoke: () => {
                setRevoking(guest);
              },
            })}
          />
        ))}
      </ul>
      {adding && (
        <InviteDialog
          incident={incident}
          onClose={() => {
            setAdding(false);
          }}
        />
      )}
      {revoking && (
        <ConfirmDialog
          title={t('guest.revoke')}
          text={t('guest.revokeText', { name: revoking.name })}
          confirm={t('guest.revoke')}
          danger
          onConfirm={async () => {
            await revokeGuest(incident.id, revoking.id);
            await incidentChanged(client);
          }}
          onClose={() => {
            setRevoking(undefined);
          }}
        />
      )}
    </section>
  );
}

function Line({ guest, onRevoke }: { guest: Guest; onRevoke?: () => void }) {
  const { t } = useTranslation('incidents');
  const runs = guest.state === 'waiting' || guest.state === 'open';
  const shown = [...guest.parts.map((part) => t(`guest.part.${part as Part}`)), ...(guest.files.length > 0 ? [t('guest.file', { count: guest.files.length })] : [])];
  return (
    <li data-ended={!runs || undefined}>
      <div>
        <b>{guest.name}</b>, {guest.organisation} <Badge tone={guest.state === 'open' ? 'medium' : 'informational'}>{t(`guest.state.${guest.state}`)}</Badge>
        <div className={css.under}>
          <span>{`TLP:${guest.tlp}`}</span>
          <span>{shown.join(' · ')}</span>
          {guest.mail !== '' && <span className="la-wrap">{guest.mail}</span>}
        </div>
        <div className={css.under}>
          <span>
            {t('guest.by', { name: guest.by.displayName })}, <Time at={guest.at} />
          </span>
          <span>
            {t('guest.until')} <Time at={guest.until} />
          </span>
          {guest.openedAt && (
            <span>
              {t('guest.opened')} <Time at={guest.openedAt} /> {t('guest.from', { address: guest.openedFrom })}
            </span>
          )}
          {guest.looks > 0 && (
            <span>
              {t('guest.looks', { count: guest.looks })}
              {guest.lookedAt && (
                <>
                  , {t('guest.last')} <Time at={guest.lookedAt} />
                </>
              )}
            </span>
          )}
          {guest.comments > 0 && <span>{t('guest.comments', { count: guest.comments })}</span>}
          {guest.revokedAt && (
            <span>
              {t('guest.state.revoked')} <Time at={guest.revokedAt} /> ({guest.revokedBy})
            </span>
          )}
        </div>
      </div>
      {runs && onRevoke && (
        <Button size="compact-sm" variant="default" onClick={onRevoke}>
          {t('guest.revoke')}
        </Button>
      )}
    </li>
  );
}

function InviteDialog({ incident, onClose }: { incident: IncidentDetail; onClose: () => void }) {
  const { t } = useTranslation('incidents');
  const [made, setMade] = useState<{ name: string; link: string }>();
  return (
    <Dialog opened onClose={onClose} title={made ? t('guest.ready', { name: made.name }) : t('guest.add')}>
      {made ? (
        <Stack gap="sm">
          <Alert color="yellow">{t('guest.once')}</Alert>
          <Code text={made.link} wrap label={t('guest.link')} copy={t('guest.copy')} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t('guest.done')}
            </Button>
          </Group>
        </Stack>
      ) : (
        <InviteForm incident={incident} onClose={onClose} onMade={setMade} />
      )}
    </Dialog>
  );
}

interface FormProps {
  incident: IncidentDetail;
  onClose: () => void;
  onMade: (made: { name: string; link: string }) => void;
}

function InviteForm({ incident, onClose, onMade }: FormProps) {
  const { t } = useTranslation('incidents');
  const client = useQueryClient();
  const files = useQuery(incidentFilesQuery(incident.id));
  const [name, setName] = useState('');
  const [organisation, setOrganisation] = useState('');
  const [mail, setMail] = useState('');
  const [tlp, setTlp] = useState(incident.tlp);
  const [chosen, setChosen] = useState<Part[]>(['overview']);
  const [taken, setTaken] = useState<string[]>([]);
  const [hours, setHours] = useState<number>(72);
  // A guest sees up to his mark, which the incident's own is within.
  const marks = tlps.slice(tlps.indexOf(incident.tlp), tlps.indexOf('RED'));
  const offered = (files.data?.items ?? []).filter((file) => file.destroyedAt === undefined && tlps.indexOf(file.tlp as (typeof tlps)[number]) <= tlps.indexOf(tlp));
  const save = useMutation({
    mutationFn: () => {
      const body: NewGuest = {
        name: name.trim(),
        organisation: organisation.trim(),
        tlp: tlp as NewGuest['tlp'],
        parts: chosen,
        files: taken.filter((id) => offered.some((file) => file.id === id)),
        hours,
        ...(mail.trim() !== '' && { mail: mail.trim() }),
      };
      return inviteGuest(incident.id, body);
    },
    onSuccess: async ({ guest, path }) => {
      onMade({ name: guest.name, link: window.location.origin + path });
      await incidentChanged(client);
    },
  });
  const error = useFieldErrors(save.error);
  return (
    <Form
      error={save.error}
      fields={['name', 'organisation', 'mail', 'tlp', 'parts', 'files', 'hours']}
      submit={t('guest.submit')}
      busy={save.isPending}
      disabled={name.trim() === '' || organisation.trim() === '' || (chosen.length === 0 && taken.length === 0)}
      onCancel={onClose}
      onSubmit={() => {
        save.mutate();
      }}
    >
      <TextInput
        label={t('guest.name')}
        required
        withAsterisk={false}
        maxLength={200}
        value={name}
        error={error('name')}
        onChange={(event) => {
          setName(event.currentTarget.value);
        }}
      />
      <TextInput
        label={t('guest.organisation')}
        required
        withAsterisk={false}
        maxLength={200}
        value={organisation}
        error={error('organisation')}
        onChange={(event) => {
          setOrganisation(event.currentTarget.value);
        }}
      />
      <TextInput
        label={t('guest.mail')}
        description={t('guest.mailHint')}
        type="email"
        maxLength={200}
        value={mail}
        error={error('mail')}
        onChange={(event) => {
          setMail(event.currentTarget.value);
        }}
      />
      <Select
        label={t('guest.tlp')}
        allowDeselect={false}
        data={marks.map((value) => ({ value, label: `TLP:${value} – ${t(`tlp.${value}`)}` }))}
        value={tlp}
        error={error('tlp')}
        onChange={(value) => {
          setTlp(marks.find((one) => one === value) ?? incident.tlp);
        }}
      />
      <Checkbox.Group
        label={t('guest.parts')}
        value={chosen}
        error={error('parts')}
        onChange={(values) => {
          setChosen(parts.filter((part) => values.includes(part)));
        }}
      >
        <Stack gap={6} mt={4}>
          {parts.map((part) => (
            <Checkbox key={part} value={part} label={t(`guest.part.${part}`)} />
          ))}
        </Stack>
      </Checkbox.Group>
      {(files.data?.items.length ?? 0) > 0 && (
        <Checkbox.Group label={t('guest.files')} value={taken} error={error('files')} onChange={setTaken}>
          <Stack gap={6} mt={4}>
            {offered.length === 0 && (
              <Text size="sm" className="la-dim">
                {t('guest.filesNone')}
              </Text>
            )}
            {offered.map((file) => (
              <Checkbox key={file.id} value={file.id} label={`${file.name} (TLP:${file.tlp})`} />
            ))}
          </Stack>
        </Checkbox.Group>
      )}
      <Select
        label={t('guest.hours')}
        allowDeselect={false}
        data={spans.map((n) => ({ value: String(n), label: n < 24 ? t('guest.hour', { count: n }) : t('guest.day', { count: n / 24 }) }))}
        value={String(hours)}
        error={error('hours')}
        onChange={(value) => {
          setHours(Number(value ?? 72));
        }}
      />
    </Form>
  );
}
