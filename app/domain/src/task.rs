//! Tasks: what a role lets a person do in a service.

use serde::{Deserialize, Serialize};

use crate::id::{RoleId, TaskId};

/// A sentence that starts with a verb, in the middle of a sentence: "record and edit vaccinations".
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    pub id: TaskId,
    pub key: String,
    pub sentence: String,
}

/// The tasks of a service in the table of tasks by role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceTasks {
    pub name: String,
    pub tasks: Vec<TaskRow>,
}

/// A row of the table of tasks by role (J04, J28).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskRow {
    pub sentence: String,
    /// The roles that can do it.
    pub roles: Vec<RoleId>,
}

/// Splits a service's tasks into those a role can do and those it cannot, in the order of the service, which
/// is the same for every role (ux 6.15).
pub fn can_and_cannot(tasks: &[Task], held: &[TaskId]) -> (Vec<String>, Vec<String>) {
    let (can, cannot): (Vec<&Task>, Vec<&Task>) =
        tasks.iter().partition(|task| held.contains(&task.id));
    let sentences = |tasks: Vec<&Task>| {
        tasks
            .into_iter()
            .map(|task| task.sentence.clone())
            .collect()
    };
    (sentences(can), sentences(cannot))
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    /// J04, V07 to V09: the order is the service's, whatever the order in which a role holds them.
    #[test]
    fn tasks_keep_the_order_of_the_service() {
        let id = |n| TaskId::from_uuid(Uuid::from_u128(n));
        let tasks: Vec<Task> = [(1, "record"), (2, "manage vaccines"), (3, "create reports")]
            .map(|(n, key)| Task {
                id: id(n),
                key: key.into(),
                sentence: key.into(),
            })
            .into();
        let (can, cannot) = can_and_cannot(&tasks, &[id(3), id(1)]);
        assert_eq!(can, ["record", "create reports"]);
        assert_eq!(cannot, ["manage vaccines"]);
    }
}
