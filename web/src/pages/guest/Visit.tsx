import '../../i18n/guest';
import '../../i18n/incidents';

import { Anchor, Button, Text, Textarea, Title } from '@mantine/core';
import { IconDownload, IconRefresh } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { commentAsGuest, fetchGuestFile, type GuestEntry, type GuestFile, type GuestVisit, leaveAsGuest } from '../../api/guestQueries';
import { setLanguage } from '../../i18n';
import { ConfirmDialog } from '../../kit/ConfirmDialog';
import { Form, useFieldErrors } from '../../kit/Form';
import { PlainText } from '../../kit/PlainText';
import { formatBytes } from '../../lib/format';
import { saveFile } from '../../lib/saveFile';
import { Badge } from '../../ui/Badge';
import { Logo } from '../../ui/Logo';
import { usePageTitle } from '../../ui/PageHeader';
import { ErrorState } from '../../ui/State';
import { Time } from '../../ui/Time';
import { toast } from '../../ui/toast';
import css from './guest.module.css';

interface Props {
  visit: GuestVisit;
  /** Why the last look failed; what was read before is not shown beside it. */
  error: unknown;
  busy: boolean;
  onReload: () => void;
  onLeft: () => void;
}

/** The part of an incident a guest was invited to. */
export function Visit({ visit, error, busy, onReload, onLeft }: Props) {
  const { t, i18n } = useTranslation(['guest', 'translation', 'incidents']);
  const [leaving, setLeaving] = useState(false);
  usePageTitle(visit.code);
  const other = i18n.language === 'vi' ? 'en' : 'vi';
  return (
    <div className={css.page}>
      <header className={css.bar}>
        <Logo size={28} />
        <span className={css.name}>{t('translation:app.name')}</span>
        <Button ml="auto" size="xs" variant="default" loading={busy} leftSection={<IconRefresh size={14} />} onClick={onReload}>
          {t('guest:reload')}
        </Button>
        <Button
          size="xs"
          variant="default"
          onClick={() => {
            setLeaving(true);
          }}
        >
          {t('guest:leave')}
        </Button>
        <Anchor component="button" type="button" size="xs" lang={other} onClick={() => void setLanguage(other)}>
          {t('translation:language.other')}
        </Anchor>
      </header>
      <main className={css.body}>
        <div>
          <Title order={1}>
            {visit.code} <span className={css.mark}>{`TLP:${visit.tlp}`}</span>
          </Title>
          {visit.overview && <Text fw={600}>{visit.overview.title}</Text>}
          <div className={css.under}>
            <span>{t('guest:guest', { name: visit.guest.name, organisation: visit.guest.organisation })}</span>
            <span>{t('guest:host', { name: visit.guest.host })}</span>
            <span>
              {t('guest:until')} <Time at={visit.guest.until} />
            </span>
            <span>{t('guest:looks', { count: visit.guest.looks + 1, most: visit.guest.mostLooks })}</span>
          </div>
        </div>
        {error ? (
          <ErrorState error={error} />
        ) : (
          <>
            {visit.overview && <Overview visit={visit} overview={visit.overview} />}
            {visit.parts.includes('timeline') && <Timeline entries={visit.timeline ?? []} />}
            {visit.parts.includes('observables') && <Observables visit={visit} />}
            {visit.files.length > 0 && <Files files={visit.files} />}
            <Comments entries={visit.comments} />
          </>
        )}
      </main>
      {leaving && (
        <ConfirmDialog
          title={t('guest:leave')}
          text={t('guest:leaveText')}
          confirm={t('guest:leave')}
          danger
          onConfirm={async () => {
            await leaveAsGuest();
            onLeft();
          }}
          onClose={() => {
            setLeaving(false);
          }}
        />
      )}
    </div>
  );
}

function Overview({ visit, overview }: { visit: GuestVisit; overview: NonNullable<GuestVisit['overview']> }) {
  const { t, i18n } = useTranslation(['guest', 'translation', 'incidents']);
  return (
    <section className="la-card" aria-label={t('guest:overview')}>
      <Title order={2}>{t('guest:overview')}</Title>
      <dl className={css.facts}>
        <dt>{t('guest:unit')}</dt>
        <dd>{visit.unitName}</dd>
        <dt>{t('guest:category')}</dt>
        <dd>{i18n.language === 'vi' ? overview.categoryVi : overview.category}</dd>
        <dt>{t('guest:severity')}</dt>
        <dd>
          <Badge tone={overview.severity}>{t(`translation:level.${overview.severity}`)}</Badge>
        </dd>
        <dt>{t('guest:phase')}</dt>
        <dd>{t(`incidents:phase.${overview.phase}`)}</dd>
        <dt>{t('guest:detected')}</dt>
        <dd>
          <Time at={overview.detectedAt} />
        </dd>
        {overview.containedAt && (
          <>
            <dt>{t('guest:contained')}</dt>
            <dd>
              <Time at={overview.containedAt} />
            </dd>
          </>
        )}
        {overview.recoveredAt && (
          <>
            <dt>{t('guest:recovered')}</dt>
            <dd>
              <Time at={overview.recoveredAt} />
            </dd>
          </>
        )}
        {overview.systems.length > 0 && (
          <>
            <dt>{t('guest:systems')}</dt>
            <dd>{overview.systems.join('; ')}</dd>
          </>
        )}
        {overview.summary !== '' && (
          <>
            <dt>{t('guest:summary')}</dt>
            <dd>
              <PlainText text={overview.summary} />
            </dd>
          </>
        )}
        {overview.measure !== '' && (
          <>
            <dt>{t('guest:measure')}</dt>
            <dd>
              <PlainText text={overview.measure} />
            </dd>
          </>
        )}
      </dl>
    </section>
  );
}

function Timeline({ entries }: { entries: GuestEntry[] }) {
  const { t } = useTranslation(['guest', 'incidents']);
  const said = (entry: GuestEntry) =>
    entry.kind === 'phase' ? t('guest:moved', { phase: t(`incidents:phase.${entry.phase as 'detect'}`) }) : t('guest:opened');
  return (
    <section className="la-card" aria-label={t('guest:timeline')}>
      <Title order={2}>{t('guest:timeline')}</Title>
      {entries.length === 0 && (
        <Text size="sm" className="la-dim">
          {t('guest:timelineNone')}
        </Text>
      )}
      <ol className={css.list}>
        {entries.map((entry) => (
          <li key={entry.id}>
            <div className={css.under}>
              <Time at={entry.at} />
              <span>{`TLP:${entry.tlp}`}</span>
            </div>
            {entry.kind === 'note' ? <PlainText text={entry.text} /> : <Text size="sm">{said(entry)}</Text>}
          </li>
        ))}
      </ol>
    </section>
  );
}

function Observables({ visit }: { visit: GuestVisit }) {
  const { t } = useTranslation(['guest', 'incidents']);
  const found = visit.observables ?? [];
  return (
    <section className="la-card" aria-label={t('guest:observables')}>
      <Title order={2}>{t('guest:observables')}</Title>
      {found.length === 0 && (
        <Text size="sm" className="la-dim">
          {t('guest:observablesNone')}
        </Text>
      )}
      <ul className={css.list}>
        {found.map((one) => (
          <li key={`${one.type} ${one.value}`}>
            <span className="la-mono la-wrap">{one.value}</span> {one.ioc && <Badge tone="high">{t('guest:ioc')}</Badge>}
            <div className={css.under}>
              <span>{one.type}</span>
              <span>{`TLP:${one.tlp}`}</span>
              {one.note !== '' && <span>{one.note}</span>}
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Files({ files }: { files: GuestFile[] }) {
  const { t } = useTranslation('guest');
  return (
    <section className="la-card" aria-label={t('files')}>
      <Title order={2}>{t('files')}</Title>
      <Text size="sm" className="la-dim">
        {t('caution')}
      </Text>
      <ul className={css.list}>
        {files.map((file) => (
          <FileLine key={file.id} file={file} />
        ))}
      </ul>
    </section>
  );
}

function FileLine({ file }: { file: GuestFile }) {
  const { t, i18n } = useTranslation('guest');
  const take = useMutation({
    mutationFn: () => fetchGuestFile(file.id),
    onSuccess: (content) => {
      saveFile(content, file.name);
    },
  });
  return (
    <li>
      <div className={css.file}>
        <div>
          <b className="la-wrap">{file.name}</b> {file.mismatch && <Badge tone="critical">{t('lies')}</Badge>}
          <div className={css.under}>
            <span>{formatBytes(file.size, i18n.language)}</span>
            <span>{file.detected}</span>
            <span>{`TLP:${file.tlp}`}</span>
          </div>
        </div>
        <Button
          size="compact-sm"
          variant="light"
          loading={take.isPending}
          leftSection={<IconDownload size={14} />}
          aria-label={`${t('download')}: ${file.name}`}
          onClick={() => {
            take.mutate();
          }}
        >
          {t('download')}
        </Button>
      </div>
      <div className="la-mono la-wrap">{t('sum', { sum: file.sha256 })}</div>
      {take.error && <ErrorState error={take.error} />}
    </li>
  );
}

function Comments({ entries }: { entries: GuestEntry[] }) {
  const { t } = useTranslation('guest');
  const [text, setText] = useState('');
  const [added, setAdded] = useState<GuestEntry[]>([]);
  const send = useMutation({
    mutationFn: () => commentAsGuest(text.trim()),
    onSuccess: (entry) => {
      setAdded([...added, entry]);
      setText('');
      toast({ message: t('sent') });
    },
  });
  const error = useFieldErrors(send.error);
  // What was sent since the last look, which a new look brings too.
  const shown = [...entries, ...added.filter((one) => !entries.some((entry) => entry.id === one.id))];
  return (
    <section className="la-card" aria-label={t('comments')}>
      <Title order={2}>{t('comments')}</Title>
      <Text size="sm" className="la-dim">
        {t('commentsText')}
      </Text>
      <ol className={css.list}>
        {shown.map((entry) => (
          <li key={entry.id}>
            <div className={css.under}>
              <Time at={entry.at} />
            </div>
            <PlainText text={entry.text} />
          </li>
        ))}
      </ol>
      <Form
        error={send.error}
        fields={['text']}
        submit={t('send')}
        busy={send.isPending}
        disabled={text.trim() === ''}
        onSubmit={() => {
          send.mutate();
        }}
      >
        <Textarea
          label={t('comment')}
          autosize
          minRows={2}
          maxRows={10}
          maxLength={4_000}
          value={text}
          error={error('text')}
          onChange={(event) => {
            setText(event.currentTarget.value);
          }}
        />
      </Form>
    </section>
  );
}
