import '../../i18n/boards';

import { ActionIcon, Button, Group, Menu, Select, Text } from '@mantine/core';
import {
  IconArrowBackUp,
  IconArrowForwardUp,
  IconCopy,
  IconDeviceFloppy,
  IconDeviceTv,
  IconDownload,
  IconFileTypePdf,
  IconLayoutGridAdd,
  IconPencil,
  IconPhoto,
  IconPlus,
  IconRefresh,
  IconSettings,
  IconTrash,
} from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, useBlocker } from '@tanstack/react-router';
import { lazy, Suspense, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { askFigures, type Board, type BoardRange, boardRanges, boardsQuery, figuresQuery, kindsQuery, questionOf } from '../../api/boardQueries';
import { ApiError, call, url } from '../../api/client';
import { setDisplay, useDisplay } from '../../app/display';
import { useMay, useSession } from '../../app/session';
import { useActions } from '../../kit/actions';
import { offerUndo } from '../../kit/undo';
import { add, differs } from '../../lib/boardLayout';
import { formatTime } from '../../lib/time';
import { Dialog } from '../../ui/Dialog';
import { usePageTitle } from '../../ui/PageHeader';
import { EmptyState, ErrorState } from '../../ui/State';
import { useNow } from '../../ui/Time';
import { toast } from '../../ui/toast';
import type { BoardFacts } from './BoardDialog';
import css from './boards.module.css';
import { useDraft } from './useDraft';
import { useHow } from './useHow';
import { WallBar } from './WallBar';
import { WidgetCard } from './WidgetCard';

/** The board of leaders, which also names the systems that operate by decision. */
const leaders = 'leadership';

const EditableGrid = lazy(() => import('./EditableGrid').then((m) => ({ default: m.EditableGrid })));
const AddDialog = lazy(() => import('./AddDialog').then((m) => ({ default: m.AddDialog })));
const BoardDialog = lazy(() => import('./BoardDialog').then((m) => ({ default: m.BoardDialog })));
const Decisions = lazy(() => import('../requirements/Decisions').then((m) => ({ default: m.Decisions })));
const WallDialog = lazy(() => import('./WallDialog').then((m) => ({ default: m.WallDialog })));

const route = getRouteApi('/dashboards/$id');
const staleMs = 100_000;

export function BoardPage() {
  const { id } = route.useParams();
  // Everything a board remembers belongs to one board.
  return <BoardView key={id} id={id} />;
}

function BoardView({ id }: { id: string }) {
  const { t } = useTranslation(['boards', 'translation']);
  const { language } = useHow();
  const client = useQueryClient();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const may = useMay();
  const { user } = useSession();
  const { wall } = useDisplay();
  const boards = useQuery(boardsQuery);
  const kinds = useQuery(kindsQuery);
  const draft = useDraft();
  const [dialog, setDialog] = useState<'add' | 'save' | 'facts' | 'remove' | 'wall'>();
  const [shown, setShown] = useState<string>();
  const picture = useRef<HTMLDivElement>(null);

  const board = boards.data?.items.find((b) => b.id === id);
  const name = board?.name[language] ?? t('choose');
  usePageTitle(name);
  const range: BoardRange = boardRanges.find((r) => r === search.range) ?? board?.range ?? '24h';
  const widgets = draft.steps?.now ?? board?.widgets ?? [];
  const kindOf = useMemo(() => new Map((kinds.data?.items ?? []).map((k) => [k.id, k])), [kinds.data]);
  const question = questionOf(widgets, range, search.unit);
  const figures = useQuery({ ...figuresQuery(question), enabled: widgets.length > 0 });
  const figureOf = useMemo(() => new Map((figures.data?.figures ?? []).map((f) => [f.id, f])), [figures.data]);
  const now = useNow();
  const stale = widgets.length > 0 && figures.dataUpdatedAt > 0 && (figures.isError || now - figures.dataUpdatedAt > staleMs);

  const fresh = useMutation({
    mutationFn: () => askFigures(question, true),
    onSuccess: (data) => {
      client.setQueryData(figuresQuery(question).queryKey, data);
    },
  });

  const editing = draft.steps !== undefined;
  const dirty = draft.steps !== undefined && board !== undefined && differs(draft.steps, board.widgets);
  const blocker = useBlocker({ shouldBlockFn: () => dirty, withResolver: true, enableBeforeUnload: () => dirty });

  const keep = async (facts: BoardFacts, how: 'new' | 'change') => {
    const body = { ...facts, name: facts.name.trim(), widgets };
    const saved =
      how === 'new' || !board
        ? await call<Board>('/dashboards', { method: 'POST', body })
        : await call<Board>(`/dashboards/${encodeURIComponent(id)}`, { method: 'PATCH', body: { ...body, version: board.version } });
    draft.stop();
    client.setQueryData(boardsQuery.queryKey, (old: { items: Board[] } | undefined) =>
      old && { items: [...old.items.filter((b) => b.id !== saved.id), saved] },
    );
    void client.invalidateQueries({ queryKey: boardsQuery.queryKey });
    toast({ message: t('edit.saved', { name: saved.name[language] }) });
    if (saved.id !== id) void navigate({ to: '/dashboards/$id', params: { id: saved.id }, search: (old) => old, ignoreBlocker: true });
  };
  const facts: BoardFacts = {
    name: board ? `${board.name[language]}${board.mine ? '' : ` (${user.displayName || user.username})`}` : '',
    about: board?.about[language] ?? '',
    range: board?.range ?? '24h',
    visibility: board?.editable ? board.visibility : 'private',
  };
  const saving = useMutation({ mutationFn: () => keep(board?.editable ? { ...facts, name: board.name[language] } : facts, 'change') });
  const conflict = saving.error instanceof ApiError && saving.error.code === 'dashboard.changed';
  const save = () => {
    if (board?.editable) saving.mutate();
    else setDialog('save');
  };

  const remove = useMutation({
    mutationFn: async (gone: Board) => {
      await call(`/dashboards/${encodeURIComponent(gone.id)}`, { method: 'DELETE', query: { version: gone.version } });
      return gone;
    },
    onSuccess: (gone) => {
      setDialog(undefined);
      draft.stop();
      void navigate({ to: '/dashboards', ignoreBlocker: true }).then(() => client.invalidateQueries({ queryKey: boardsQuery.queryKey }));
      offerUndo(t('edit.removed', { name: gone.name[language] }), async () => {
        const { range: first, visibility, widgets: list, about, name: words } = gone;
        await call('/dashboards', { method: 'POST', body: { name: words[language], about: about[language], range: first, visibility, widgets: list } });
        await client.invalidateQueries({ queryKey: boardsQuery.queryKey });
      });
    },
  });

  const exporting = useMutation({
    mutationFn: async (what: 'png' | 'pdf') => {
      const { download, fileName, pictureOf } = await import('./paint');
      const file = `${fileName(name)}-${fileName(formatTime(new Date()).slice(0, 16))}`;
      if (what === 'png') {
        if (picture.current) download(await pictureOf(picture.current, `${name} · ${t(`ranges.${range}`)} · ${t('export.made', { time: formatTime(new Date()) })}`), `${file}.png`);
        return;
      }
      const answer = await fetch(url(`/dashboards/${encodeURIComponent(id)}/pdf`, { from: `now-${range}`, to: 'now', unit: search.unit, language }), { credentials: 'same-origin' });
      if (!answer.ok) {
        const problem = (await answer.json().catch(() => ({}))) as { code?: string; detail?: string };
        throw new ApiError(answer.status, problem);
      }
      download(await answer.blob(), `${file}.pdf`);
    },
  });

  const edit = () => {
    if (board) draft.start(board.widgets);
  };
  useActions([
    { id: 'board-edit', name: t(board?.editable ? 'edit.start' : 'edit.copy'), key: 'e', run: edit, off: editing || !may('dashboard.edit') || wall },
    { id: 'board-refresh', name: t('refresh'), key: 'u', run: fresh.mutate, off: wall },
    { id: 'board-wall', name: t('wall.open'), key: 'w', run: () => { setDialog('wall'); }, off: wall || editing },
    { id: 'board-png', name: t('export.png'), run: () => { exporting.mutate('png'); }, off: wall },
    { id: 'board-pdf', name: t('export.pdf'), run: () => { exporting.mutate('pdf'); }, off: wall || !may('dashboard.export') },
  ]);

  useEffect(() => {
    if (!editing) return;
    const listen = (event: KeyboardEvent) => {
      if (!(event.ctrlKey || event.metaKey) || event.target instanceof HTMLInputElement || event.target instanceof HTMLTextAreaElement) return;
      const key = event.key.toLowerCase();
      if (key !== 'z' && key !== 'y') return;
      event.preventDefault();
      event.stopPropagation();
      if (key === 'y' || event.shiftKey) draft.redo();
      else draft.undo();
    };
    document.addEventListener('keydown', listen, { capture: true });
    return () => {
      document.removeEventListener('keydown', listen, { capture: true });
    };
  }, [editing, draft]);

  // Leaving the wall by Escape or the mouse leaves it in the address, too.
  const wasWall = useRef(wall);
  useEffect(() => {
    if (wasWall.current && !wall) void navigate({ search: (old) => ({ ...old, wall: undefined, turns: undefined, every: undefined }), replace: true });
    wasWall.current = wall;
  }, [wall, navigate]);

  const turns = useMemo(() => (search.turns ?? '').split(',').filter((one) => boards.data?.items.some((b) => b.id === one)), [search.turns, boards.data]);
  const next = useCallback(() => {
    const to = turns[(turns.indexOf(id) + 1) % turns.length];
    if (to) void navigate({ to: '/dashboards/$id', params: { id: to }, search: (old) => ({ ...old, range: undefined }), replace: true });
  }, [turns, id, navigate]);

  if (boards.error && !boards.data) {
    return (
      <div className={css.page}>
        <ErrorState error={boards.error} retry={() => void boards.refetch()} />
      </div>
    );
  }
  if (boards.data && !board) {
    return (
      <div className={css.page}>
        <ErrorState error={new ApiError(404, { code: 'dashboard.unknown' })} />
        <Button mt="sm" variant="default" onClick={() => void navigate({ to: '/dashboards' })}>
          {t('list.title')}
        </Button>
      </div>
    );
  }

  const all = boards.data?.items ?? [];
  const groups = [
    { group: t('builtIn'), items: all.filter((b) => b.builtIn) },
    { group: t('mine'), items: all.filter((b) => b.mine) },
    { group: t('shared'), items: all.filter((b) => !b.builtIn && !b.mine) },
  ];
  return (
    <div className={css.page} data-stale={stale || undefined}>
      {wall ? (
        <WallBar name={name} updatedMs={figures.dataUpdatedAt} stale={stale} every={Number(search.every ?? 0) || 0} turns={turns.length} onNext={next} />
      ) : (
        <>
          <h1 className="la-hidden">{name}</h1>
          <div className={css.bar}>
            <Select
              aria-label={t('choose')}
              allowDeselect={false}
              searchable
              disabled={editing}
              w={240}
              value={id}
              onChange={(value) => {
                if (value && value !== id) void navigate({ to: '/dashboards/$id', params: { id: value } });
              }}
              data={groups.filter((g) => g.items.length > 0).map((g) => ({ group: g.group, items: g.items.map((b) => ({ value: b.id, label: b.name[language] })) }))}
            />
            <Select
              aria-label={t('range')}
              allowDeselect={false}
              w={120}
              value={range}
              onChange={(value) => void navigate({ search: (old) => ({ ...old, range: value === board?.range ? undefined : (value ?? undefined) }) })}
              data={boardRanges.map((value) => ({ value, label: t(`ranges.${value}`) }))}
            />
            <ActionIcon size="lg" variant="default" aria-label={t('refresh')} data-tip={t('refresh')} loading={fresh.isPending} onClick={() => { fresh.mutate(); }}>
              <IconRefresh size={17} />
            </ActionIcon>
            <span className={css.space} />
            {editing ? (
              <EditButtons
                onAdd={() => { setDialog('add'); }}
                onUndo={draft.undo}
                onRedo={draft.redo}
                onCancel={() => { draft.stop(); saving.reset(); }}
                onReset={() => { if (board) draft.change(board.widgets); }}
                onSave={save}
                onSaveAs={() => { setDialog('save'); }}
                editable={board?.editable ?? false}
                past={(draft.steps?.past.length ?? 0) > 0}
                future={(draft.steps?.future.length ?? 0) > 0}
                dirty={dirty}
                saving={saving.isPending}
              />
            ) : (
              <Group gap="xs">
                {may('dashboard.edit') && (
                  <Button variant="default" size="sm" leftSection={board?.editable ? <IconPencil size={16} /> : <IconCopy size={16} />} disabled={!board} onClick={edit}>
                    {t(board?.editable ? 'edit.start' : 'edit.copy')}
                  </Button>
                )}
                <Menu position="bottom-end">
                  <Menu.Target>
                    <Button variant="default" size="sm" leftSection={<IconDownload size={16} />} loading={exporting.isPending}>
                      {t('export.menu')}
                    </Button>
                  </Menu.Target>
                  <Menu.Dropdown>
                    {may('dashboard.export') && (
                      <Menu.Item leftSection={<IconFileTypePdf size={16} />} onClick={() => { exporting.mutate('pdf'); }}>
                        {t('export.pdf')}
                      </Menu.Item>
                    )}
                    <Menu.Item leftSection={<IconPhoto size={16} />} onClick={() => { exporting.mutate('png'); }}>
                      {t('export.png')}
                    </Menu.Item>
                  </Menu.Dropdown>
                </Menu>
                <ActionIcon size="lg" variant="default" aria-label={t('wall.open')} data-tip={t('wall.open')} onClick={() => { setDialog('wall'); }}>
                  <IconDeviceTv size={17} />
                </ActionIcon>
                {board?.editable && (
                  <>
                    <ActionIcon size="lg" variant="default" aria-label={t('edit.settings')} data-tip={t('edit.settings')} onClick={() => { setDialog('facts'); }}>
                      <IconSettings size={17} />
                    </ActionIcon>
                    <ActionIcon size="lg" variant="default" aria-label={t('edit.remove')} data-tip={t('edit.remove')} onClick={() => { setDialog('remove'); }}>
                      <IconTrash size={17} />
                    </ActionIcon>
                  </>
                )}
              </Group>
            )}
          </div>
          {stale ? (
            <p className={css.stale} role="alert">
              {t('wall.stale', { time: formatTime(new Date(figures.dataUpdatedAt)) })}
            </p>
          ) : (
            figures.data && (
              <p className={css.meta}>
                {t('period', { from: formatTime(figures.data.from).slice(0, 16), to: formatTime(figures.data.to).slice(0, 16), before: formatTime(figures.data.before).slice(0, 16) })} · {t('counted', { time: formatTime(figures.data.now).slice(11) })}
              </p>
            )
          )}
          {editing && <p className={css.meta}>{t('edit.hint')}</p>}
        </>
      )}
      {fresh.error && !wall && <ErrorState error={fresh.error} retry={fresh.mutate} />}
      {exporting.error && <ErrorState error={exporting.error} />}
      {saving.error && !conflict && <ErrorState error={saving.error} />}
      {figures.error && !figures.data && <ErrorState error={figures.error} retry={() => void figures.refetch()} />}
      {board && widgets.length === 0 && (
        <EmptyState icon={<IconLayoutGridAdd size={36} />} title={t('none')} text={t('noneText')}>
          {editing && (
            <Button mx="auto" leftSection={<IconPlus size={16} />} onClick={() => { setDialog('add'); }}>
              {t('edit.add')}
            </Button>
          )}
        </EmptyState>
      )}
      <div ref={picture} className={stale ? css.old : undefined} aria-busy={figures.isPending && widgets.length > 0}>
        {editing ? (
          <Suspense fallback={null}>
            <EditableGrid widgets={widgets} kinds={kindOf} figures={figureOf} onChange={draft.change} />
          </Suspense>
        ) : (
          <div className={css.grid}>
            {widgets.map((widget) => (
              <WidgetCard key={widget.id} widget={widget} kind={kindOf.get(widget.kind)} figure={figureOf.get(widget.id)} editing={false} />
            ))}
          </div>
        )}
      </div>
      <Suspense fallback={null}>
        {id === leaders && !wall && !editing && may('readiness.read') && <Decisions unit={search.unit} />}
        {dialog === 'add' && (
          <AddDialog
            kinds={kinds.data?.items ?? []}
            onClose={() => { setDialog(undefined); }}
            onAdd={(kind) => {
              draft.change(add(widgets, kind));
              setShown(kind.name[language]);
              setDialog(undefined);
            }}
          />
        )}
        {dialog === 'save' && <BoardDialog title={t('edit.saveAs')} facts={{ ...facts, visibility: 'private' }} save={(f) => keep(f, 'new')} onClose={() => { setDialog(undefined); }} />}
        {dialog === 'facts' && board && <BoardDialog title={t('edit.settings')} facts={{ ...facts, name: board.name[language] }} save={(f) => keep(f, 'change')} onClose={() => { setDialog(undefined); }} />}
        {dialog === 'wall' && board && (
          <WallDialog
            boards={all}
            first={id}
            onClose={() => { setDialog(undefined); }}
            onStart={(ids, every) => {
              setDialog(undefined);
              setDisplay({ wall: true });
              void navigate({ search: (old) => ({ ...old, wall: '1', ...(every > 0 && ids.length > 0 && { turns: ids.join(','), every: String(every) }) }) });
            }}
          />
        )}
      </Suspense>
      {dialog === 'remove' && board && (
        <Dialog opened onClose={() => { setDialog(undefined); }} title={t('edit.removeTitle', { name })}>
          <Text size="sm">{t('edit.removeText')}</Text>
          {remove.error && <ErrorState error={remove.error} />}
          <Group justify="end" mt="md">
            <Button variant="default" onClick={() => { setDialog(undefined); }}>
              {t('translation:action.cancel')}
            </Button>
            <Button color="red" loading={remove.isPending} onClick={() => { remove.mutate(board); }}>
              {t('edit.remove')}
            </Button>
          </Group>
        </Dialog>
      )}
      {conflict && (
        <Dialog opened onClose={saving.reset} title={t('edit.conflict')}>
          <Text size="sm">{t('edit.conflictText')}</Text>
          <Group justify="end" mt="md">
            <Button variant="default" onClick={() => { saving.reset(); draft.stop(); void boards.refetch(); }}>
              {t('edit.reload')}
            </Button>
            <Button onClick={() => { saving.reset(); setDialog('save'); }}>{t('edit.saveAs')}</Button>
          </Group>
        </Dialog>
      )}
      {blocker.status === 'blocked' && (
        <Dialog opened onClose={blocker.reset} title={t('edit.leave')}>
          <Text size="sm">{t('edit.leaveText')}</Text>
          <Group justify="end" mt="md">
            <Button variant="default" onClick={blocker.proceed}>
              {t('edit.drop')}
            </Button>
            <Button onClick={blocker.reset}>{t('edit.stay')}</Button>
          </Group>
        </Dialog>
      )}
      <div className="la-hidden" role="status">
        {shown}
      </div>
    </div>
  );
}

interface EditProps {
  onAdd: () => void;
  onUndo: () => void;
  onRedo: () => void;
  onReset: () => void;
  onCancel: () => void;
  onSave: () => void;
  onSaveAs: () => void;
  editable: boolean;
  past: boolean;
  future: boolean;
  dirty: boolean;
  saving: boolean;
}

function EditButtons(p: EditProps) {
  const { t } = useTranslation('boards');
  return (
    <Group gap="xs">
      <Button variant="default" size="sm" leftSection={<IconPlus size={16} />} onClick={p.onAdd}>
        {t('edit.add')}
      </Button>
      <ActionIcon size="lg" variant="default" aria-label={t('edit.undo')} data-tip={t('edit.undo')} disabled={!p.past} onClick={p.onUndo}>
        <IconArrowBackUp size={17} />
      </ActionIcon>
      <ActionIcon size="lg" variant="default" aria-label={t('edit.redo')} data-tip={t('edit.redo')} disabled={!p.future} onClick={p.onRedo}>
        <IconArrowForwardUp size={17} />
      </ActionIcon>
      <Button variant="default" size="sm" disabled={!p.dirty} onClick={p.onReset}>
        {t('edit.reset')}
      </Button>
      <Button variant="default" size="sm" onClick={p.onCancel}>
        {t('edit.cancel')}
      </Button>
      {p.editable && (
        <Button variant="default" size="sm" onClick={p.onSaveAs}>
          {t('edit.saveAs')}
        </Button>
      )}
      <Button size="sm" leftSection={<IconDeviceFloppy size={16} />} disabled={!p.dirty} loading={p.saving} onClick={p.onSave}>
        {t(p.editable ? 'edit.save' : 'edit.saveAs')}
      </Button>
    </Group>
  );
}
