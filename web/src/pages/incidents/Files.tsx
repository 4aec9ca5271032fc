import '../../i18n/incidents';

import { Button, FileInput, Select, Stack, Text, Textarea, TextInput, Title } from '@mantine/core';
import { IconFileUpload } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import type { IncidentDetail } from '../../api/incidentQueries';
import {
  addIncidentFile,
  fetchIncidentFile,
  handleIncidentFile,
  type Handling,
  type IncidentFile,
  incidentFileQuery,
  incidentFilesQuery,
} from '../../api/incidentFileQueries';
import { ConfirmDialog } from '../../kit/ConfirmDialog';
import { Form, useFieldErrors } from '../../kit/Form';
import { PlainText } from '../../kit/PlainText';
import { formatBytes } from '../../lib/format';
import { saveFile } from '../../lib/saveFile';
import { Badge } from '../../ui/Badge';
import { Dialog } from '../../ui/Dialog';
import { ErrorState, Rows } from '../../ui/State';
import { Time } from '../../ui/Time';
import { toast } from '../../ui/toast';
import { tlps } from './fields';
import type { TabProps } from './IncidentPage';
import css from './incidents.module.css';

type Doing = Handling | 'download';

const doings: readonly Doing[] = ['download', 'checked', 'handed-over', 'returned', 'destroyed'];

/** The files of an incident: what was received, by whom, and every hand it went through. */
export function Files({ incident }: TabProps) {
  const { t } = useTranslation('incidents');
  const { data, error, isPending, refetch } = useQuery(incidentFilesQuery(incident.id));
  const [adding, setAdding] = useState(false);
  const takes = incident.mayChange && incident.secrecy === '' && !incident.mergedInto;
  return (
    <section aria-label={t('file.title')}>
      <div className={css.bar}>
        <Title order={3}>{t('file.title')}</Title>
        {takes && (
          <Button
            ml="auto"
            size="xs"
            leftSection={<IconFileUpload size={15} />}
            onClick={() => {
              setAdding(true);
            }}
          >
            {t('file.add')}
          </Button>
        )}
      </div>
      <Text size="sm" className="la-dim">
        {incident.secrecy === '' ? t('file.text') : t('file.secret')}
      </Text>
      {isPending && <Rows count={3} />}
      {error && !data && <ErrorState error={error} retry={() => void refetch()} />}
      {data?.items.length === 0 && (
        <Text size="sm" mt="sm">
          {t('file.none')}
        </Text>
      )}
      <ul className={css.shares}>
        {data?.items.map((file) => (
          <FileLine key={file.id} incident={incident} file={file} />
        ))}
      </ul>
      {adding && (
        <AddDialog
          incident={incident}
          onClose={() => {
            setAdding(false);
          }}
        />
      )}
    </section>
  );
}

function FileLine({ incident, file }: { incident: IncidentDetail; file: IncidentFile }) {
  const { t, i18n } = useTranslation('incidents');
  const client = useQueryClient();
  const [doing, setDoing] = useState<Doing>();
  const [whom, setWhom] = useState('');
  const [open, setOpen] = useState(false);
  const gone = file.destroyedAt !== undefined;
  const passes = doing === 'handed-over' || doing === 'returned';
  const run = async (why: string) => {
    if (doing === 'download') saveFile(await fetchIncidentFile(incident.id, file.id, why), file.name);
    else if (doing) await handleIncidentFile(incident.id, file.id, doing, why, passes ? whom.trim() : '');
    await client.invalidateQueries({ queryKey: ['incident', incident.id] });
  };
  return (
    <li data-ended={gone || undefined}>
      <div>
        <b className="la-wrap">{file.name}</b> {file.mismatch && <Badge tone="critical">{t('file.lies')}</Badge>}{' '}
        {!file.intact && !gone && <Badge tone="critical">{t('file.damaged')}</Badge>} {gone && <Badge tone="informational">{t('file.custody.destroyed')}</Badge>}
        <div className={css.under}>
          <span>{formatBytes(file.size, i18n.language)}</span>
          <span>{`TLP:${file.tlp}`}</span>
          <span>{file.mismatch ? t('file.types', { declared: file.declared || '?', detected: file.detected }) : file.detected}</span>
          <span>
            {file.by.displayName}, <Time at={file.addedAt} />
          </span>
        </div>
        <div className="la-mono la-wrap">{t('file.sum', { sum: file.sha256 })}</div>
        {file.note && <PlainText text={file.note} />}
        <div className={css.under}>
          {incident.mayChange &&
            !gone &&
            doings.map((one) => (
              <Button
                key={one}
                size="compact-sm"
                variant={one === 'download' ? 'light' : 'default'}
                onClick={() => {
                  setWhom('');
                  setDoing(one);
                }}
              >
                {t(`file.do.${one}`)}
              </Button>
            ))}
          <Button
            size="compact-sm"
            variant="subtle"
            aria-expanded={open}
            onClick={() => {
              setOpen(!open);
            }}
          >
            {t('file.chain')}
          </Button>
        </div>
        {open && <Chain incident={incident.id} file={file.id} />}
      </div>
      {doing && (
        <ConfirmDialog
          title={`${t(`file.do.${doing}`)}: ${file.name}`}
          text={t(`file.ask.${doing}`)}
          confirm={t(`file.do.${doing}`)}
          danger={doing === 'destroyed'}
          reason={doing === 'checked' ? 'optional' : 'required'}
          onConfirm={run}
          onClose={() => {
            setDoing(undefined);
          }}
        >
          {passes && (
            <TextInput
              label={t('file.whom')}
              required
              withAsterisk={false}
              value={whom}
              onChange={(event) => {
                setWhom(event.currentTarget.value);
              }}
            />
          )}
        </ConfirmDialog>
      )}
    </li>
  );
}

function Chain({ incident, file }: { incident: string; file: string }) {
  const { t } = useTranslation('incidents');
  const { data, error, isPending, refetch } = useQuery(incidentFileQuery(incident, file));
  if (isPending) return <Rows count={2} />;
  if (!data) return <ErrorState error={error} retry={() => void refetch()} />;
  return (
    <ol className={css.names} aria-label={t('file.chain')}>
      {data.custody.map((one) => (
        <li key={one.id}>
          <Time at={one.at} /> <b>{t(`file.custody.${one.kind}`)}</b> {one.by.displayName} {one.whom && `→ ${one.whom}`}{' '}
          {!one.intact && one.kind !== 'destroyed' && <Badge tone="critical">{t('file.damaged')}</Badge>}
          {one.why && <div className="la-wrap">{one.why}</div>}
        </li>
      ))}
    </ol>
  );
}

function AddDialog({ incident, onClose }: { incident: IncidentDetail; onClose: () => void }) {
  const { t } = useTranslation('incidents');
  const client = useQueryClient();
  const [file, setFile] = useState<File | null>(null);
  const [note, setNote] = useState('');
  const [tlp, setTlp] = useState<string>(incident.tlp);
  const add = useMutation({
    mutationFn: (chosen: File) => addIncidentFile(incident.id, chosen, note.trim(), tlp),
    onSuccess: async (done) => {
      toast({ message: t('file.added', { name: done.name }), autoClose: 4_000 });
      await client.invalidateQueries({ queryKey: ['incident', incident.id] });
      onClose();
    },
  });
  const fieldError = useFieldErrors(add.error);
  return (
    <Dialog opened onClose={onClose} title={t('file.add')}>
      <Form
        error={add.error}
        fields={['name', 'note', 'tlp']}
        submit={t('file.add')}
        busy={add.isPending}
        disabled={file === null}
        onCancel={onClose}
        onSubmit={() => {
          if (file) add.mutate(file);
        }}
      >
        <Stack gap="sm">
          <FileInput label={t('file.choose')} value={file} onChange={setFile} error={fieldError('name')} />
          <Textarea
            label={t('file.note')}
            description={t('file.noteText')}
            autosize
            minRows={2}
            maxRows={6}
            maxLength={2_000}
            value={note}
            error={fieldError('note')}
            onChange={(event) => {
              setNote(event.currentTarget.value);
            }}
          />
          <Select
            label={t('file.tlp')}
            data={tlps.map((one) => ({ value: one, label: `TLP:${one}` }))}
            value={tlp}
            allowDeselect={false}
            error={fieldError('tlp')}
            onChange={(value) => {
              setTlp(value ?? incident.tlp);
            }}
          />
        </Stack>
      </Form>
    </Dialog>
  );
}
