import '../../i18n/casework';
import '../../i18n/incidents';

import { Button, Group, Text, Title } from '@mantine/core';
import { IconCode, IconPlus } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { type Piece, type PieceKind, pieceQuery, resetPiece, savePiece } from '../../api/caseworkQueries';
import { catalogueQuery, type Playbook, type Taxonomy } from '../../api/incidentQueries';
import { useMay } from '../../app/session';
import { ConfirmDialog } from '../../kit/ConfirmDialog';
import type * as Edits from '../../lib/catalogueText';
import { phases } from '../../lib/incidentParams';
import { Badge } from '../../ui/Badge';
import { PageHeader } from '../../ui/PageHeader';
import { ErrorState, Rows } from '../../ui/State';
import { Time } from '../../ui/Time';
import { toast } from '../../ui/toast';
import css from './casework.module.css';
import { PieceTextDialog, PlaybookTaskDialog, type PlaybookTask, SaveFailure } from './PieceDialogs';
import { useCatalogue } from './words';

interface Props {
  kind: PieceKind;
  id: string;
  /** It was taken out of the catalogue. */
  onGone: () => void;
}

type Asked = { what: 'text' | 'reset' } | { what: 'task'; task?: PlaybookTask } | { what: 'retire'; task: PlaybookTask };

/** One playbook or taxonomy: what is in it, and for administrators the ways to change it. */
export function PieceView({ kind, id, onGone }: Props) {
  const { t, i18n } = useTranslation('casework');
  const client = useQueryClient();
  const manages = useMay()('incident.catalogue');
  const book = useQuery(catalogueQuery);
  const piece = useQuery({ ...pieceQuery(kind, id), enabled: manages });
  const [asked, setAsked] = useState<Asked>();
  const close = () => {
    setAsked(undefined);
  };
  const save = useMutation({
    mutationFn: async (change: (text: string, edit: typeof Edits) => string) => {
      const edit = await import('../../lib/catalogueText');
      return savePiece(kind, id, change(piece.data?.text ?? '', edit), piece.data?.version ?? 0);
    },
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['incident catalogue'] });
      close();
      toast({ message: t('catalogue.saved'), autoClose: 4_000 });
    },
  });
  const ask = (next: Asked) => {
    save.reset();
    setAsked(next);
  };
  const shown = kind === 'schemes' ? book.data?.schemes.find((one) => one.id === id) : book.data?.playbooks.find((one) => one.id === id);
  if (book.isPending) return <Rows count={8} />;
  if (!shown) return <ErrorState error={book.error ?? piece.error} retry={() => void book.refetch()} />;
  const name = i18n.language === 'vi' ? shown.vi : shown.name;
  const data = piece.data;
  return (
    <>
      <PageHeader title={name}>
        {data && (
          <Group gap="xs">
            {kind === 'playbooks' && (
              <Button size="xs" leftSection={<IconPlus size={15} />} onClick={() => { ask({ what: 'task' }); }}>
                {t('catalogue.taskAdd')}
              </Button>
            )}
            <Button size="xs" variant="default" leftSection={<IconCode size={15} />} onClick={() => { ask({ what: 'text' }); }}>
              {t('catalogue.edit')}
            </Button>
            {data.version > 0 && (
              <Button size="xs" variant="subtle" color="red" onClick={() => { ask({ what: 'reset' }); }}>
                {t(data.shipped ? 'catalogue.reset' : 'catalogue.remove')}
              </Button>
            )}
          </Group>
        )}
      </PageHeader>
      {data && <Standing piece={data} />}
      {piece.error && <ErrorState error={piece.error} retry={() => void piece.refetch()} />}
      {'tasks' in shown ? (
        <PlaybookTasks
          playbook={shown}
          {...(data && {
            onEdit: (task: PlaybookTask) => { ask({ what: 'task', task }); },
            onRetire: (task: PlaybookTask) => { ask({ what: 'retire', task }); },
          })}
        />
      ) : (
        <Groups scheme={shown} />
      )}
      {asked?.what === 'task' && (
        <PlaybookTaskDialog
          task={asked.task}
          taken={'tasks' in shown ? (shown.tasks ?? []).map((one) => one.id) : []}
          error={save.error}
          busy={save.isPending}
          onSave={(task) => { save.mutate((text, edit) => edit.withTask(text, task)); }}
          onClose={close}
        />
      )}
      {asked?.what === 'text' && data && (
        <PieceTextDialog name={name} text={data.text} error={save.error} busy={save.isPending} onSave={(text) => { save.mutate(() => text); }} onClose={close} />
      )}
      {asked?.what === 'retire' && (
        <ConfirmDialog
          title={t('catalogue.taskRetire')}
          text={
            <>
              <b>{i18n.language === 'vi' ? asked.task.vi : asked.task.name}</b>
              <br />
              {t('catalogue.taskRetireText')}
            </>
          }
          confirm={t('catalogue.taskRetire')}
          danger
          onConfirm={() => save.mutateAsync((text, edit) => edit.withoutTask(text, asked.task.id))}
          onClose={close}
        >
          <SaveFailure error={save.error} />
        </ConfirmDialog>
      )}
      {asked?.what === 'reset' && data && (
        <ConfirmDialog
          title={t(data.shipped ? 'catalogue.reset' : 'catalogue.remove')}
          text={t(data.shipped ? 'catalogue.resetText' : 'catalogue.removeText', { name })}
          confirm={t(data.shipped ? 'catalogue.reset' : 'catalogue.remove')}
          danger
          onConfirm={async () => {
            await resetPiece(kind, id);
            if (!data.shipped) onGone();
            await client.invalidateQueries({ queryKey: ['incident catalogue'] });
          }}
          onClose={close}
        />
      )}
    </>
  );
}

/** Whether it is as shipped, and else who changed it last, and when. */
function Standing({ piece }: { piece: Piece }) {
  const { t } = useTranslation('casework');
  return (
    <Text size="sm" className="la-dim" mb="sm">
      {piece.version === 0 ? t('catalogue.shipped') : t(piece.shipped ? 'catalogue.changed' : 'catalogue.own', { version: piece.version, name: piece.by })}
      {piece.at && (
        <>
          , <Time at={piece.at} />
        </>
      )}{' '}
      · <span className="la-mono">{piece.id}</span>
    </Text>
  );
}

interface TasksProps {
  playbook: Playbook;
  onEdit?: (task: PlaybookTask) => void;
  onRetire?: (task: PlaybookTask) => void;
}

function PlaybookTasks({ playbook, onEdit, onRetire }: TasksProps) {
  const { t, i18n } = useTranslation(['casework', 'incidents']);
  const vietnamese = i18n.language === 'vi';
  return (
    <>
      {phases.map((phase) => {
        const tasks = (playbook.tasks ?? []).filter((one) => one.phase === phase);
        if (tasks.length === 0) return null;
        return (
          <section key={phase} aria-label={t(`incidents:phase.${phase}`)} className={`la-card ${css.block ?? ''}`}>
            <Title order={2} size="h4">
              {t(`incidents:phase.${phase}`)}
            </Title>
            <ul className={css.pieces}>
              {tasks.map((one) => {
                const title = vietnamese ? one.vi : one.name;
                return (
                  <li key={one.id}>
                    <div>
                      <b>{title}</b>
                      <div className="la-dim">
                        {t(`catalogue.ofs.${one.of as 'unit'}`)} · {t('catalogue.withinShort', { count: one.within })}
                      </div>
                      {one.checklist && one.checklist.length > 0 && (
                        <ul>
                          {one.checklist.map((line) => (
                            <li key={line}>{line}</li>
                          ))}
                        </ul>
                      )}
                    </div>
                    {onEdit && onRetire && (
                      <Group gap={4} wrap="nowrap">
                        <Button size="compact-xs" variant="default" aria-label={t('catalogue.taskEdit', { title })} onClick={() => { onEdit(one); }}>
                          {t('catalogue.taskEditShort')}
                        </Button>
                        <Button size="compact-xs" variant="subtle" color="red" aria-label={t('catalogue.taskRetireOf', { title })} onClick={() => { onRetire(one); }}>
                          {t('catalogue.taskRetire')}
                        </Button>
                      </Group>
                    )}
                  </li>
                );
              })}
            </ul>
          </section>
        );
      })}
      {playbook.recommendations.length > 0 && (
        <section className={`la-card ${css.block ?? ''}`} aria-label={t('catalogue.recommendations')}>
          <Title order={2} size="h4">
            {t('catalogue.recommendations')}
          </Title>
          <ul>
            {playbook.recommendations.map((one) => (
              <li key={one.vi}>{vietnamese ? one.vi : one.name}</li>
            ))}
          </ul>
        </section>
      )}
    </>
  );
}

function Groups({ scheme }: { scheme: Taxonomy }) {
  const { t, i18n } = useTranslation('casework');
  const { playbook } = useCatalogue();
  const name = (one: { vi: string; name: string }) => (i18n.language === 'vi' ? one.vi : one.name);
  return (
    <>
      <Text size="sm" mb="sm">
        {scheme.default && <Badge tone="ok">{t('catalogue.default')}</Badge>} {scheme.source !== '' && `${t('catalogue.source')}: ${scheme.source}`}
        {scheme.verify !== '' && ` · ${t('catalogue.verify')}: ${scheme.verify}`}
      </Text>
      {(scheme.groups ?? []).map((group) => (
        <section key={group.id} className={`la-card ${css.block ?? ''}`} aria-label={name(group)}>
          <Title order={2} size="h4">
            {name(group)}
          </Title>
          <div>
            <table className="la-table">
              <thead>
                <tr>
                  <th scope="col">{t('catalogue.category')}</th>
                  <th scope="col">{t('catalogue.playbook')}</th>
                </tr>
              </thead>
              <tbody>
                {(group.categories ?? []).map((one) => (
                  <tr key={one.id}>
                    <td>{name(one)}</td>
                    <td>{one.playbook === '' ? <span className="la-dim">{t('catalogue.noPlaybook')}</span> : playbook(one.playbook)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </section>
      ))}
    </>
  );
}
